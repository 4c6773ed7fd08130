import { heapOf, newTypedArray, shiftOf, type DType, type TypedArray } from './dtype.ts';
import { ShapeError } from './errors.ts';
import { fill } from './ops/fill.ts';
import { checkShape, show, sizeOf, type Shape } from './shape.ts';
import { Tensor, type NestedNumbers } from './tensor.ts';

export { onesLike, zerosLike } from './ops/fill.ts';

export interface TensorOptions {
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

/** A tensor of nested numbers, all rows equally long: float32 (or a typed array's type) unless `dtype` says otherwise. */
export function tensor(data: NestedNumbers | TypedArray, options: TensorOptions = {}): Tensor {
  if (ArrayBuffer.isView(data)) return fromTypedArray(data, [data.length], options);
  const { dtype = 'float32', requiresGrad } = options;
  const shape: number[] = [];
  for (let level: NestedNumbers = data; typeof level !== 'number'; level = level[0] ?? 0) shape.push(level.length);
  const flat = newTypedArray(dtype, sizeOf(shape));
  let next = 0;
  const copy = (value: NestedNumbers, depth: number): void => {
    if (
      (typeof value === 'number') !== (depth === shape.length) ||
      (typeof value !== 'number' && value.length !== shape[depth])
    ) {
      throw new ShapeError(`tensor: rows are of different lengths; the first ones make the shape ${show(shape)}`);
    }
    if (typeof value === 'number') flat[next++] = value;
    else for (const part of value) copy(part, depth + 1);
  };
  copy(data, 0);
  const out = Tensor.empty(shape, dtype);
  heapOf(dtype).set(flat, out.address >>> shiftOf(dtype));
  return requiresGrad ? out.requiresGrad_() : out;
}

/** A tensor of the array's elements in row-major order; its type follows the array's. */
export function fromTypedArray(
  array: TypedArray,
  shape: Shape,
  { requiresGrad = false, dtype }: TensorOptions = {},
): Tensor {
  checkShape('fromTypedArray', shape);
  if (sizeOf(shape) !== array.length) {
    throw new ShapeError(`fromTypedArray: ${array.length} elements do not fit the shape ${show(shape)}`);
  }
  const out = Tensor.empty(shape, dtype ?? dtypeOf(array));
  heapOf(out.dtype).set(array, out.address >>> shiftOf(out.dtype));
  return requiresGrad ? out.requiresGrad_() : out;
}

/** A tensor whose elements are not set. */
export function empty(shape: Shape, options: TensorOptions = {}): Tensor {
  checkShape('empty', shape);
  const out = Tensor.empty(shape, options.dtype ?? 'float32');
  return options.requiresGrad ? out.requiresGrad_() : out;
}

/** Every element is `value`. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  return fill(empty(shape, options), value);
}

export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options);
}

export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** start, start + step, … below end; arange(n) counts 0 … n − 1. Int32 for whole numbers unless `dtype` says otherwise. */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  const count = Math.ceil((to - from) / step);
  if (!(count >= 0) || !Number.isFinite(count))
    throw new ShapeError(`arange: no numbers from ${from} to ${to} by ${step}`);
  const whole = Number.isInteger(from) && Number.isInteger(step);
  const out = empty([count], { dtype: options.dtype ?? (whole ? 'int32' : 'float32') });
  const [heap, first] = [heapOf(out.dtype), out.address >>> shiftOf(out.dtype)];
  for (let i = 0; i < count; i++) heap[first + i] = from + i * step;
  return options.requiresGrad ? out.requiresGrad_() : out;
}

/** `steps` numbers with equal distances from start to end, both included. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  const out = empty([steps], { dtype: options.dtype ?? 'float32' });
  const [heap, first] = [heapOf(out.dtype), out.address >>> shiftOf(out.dtype)];
  const distance = steps > 1 ? (end - start) / (steps - 1) : 0;
  // From both ends, so that the last number is exactly `end`.
  for (let i = 0; i < steps; i++) {
    heap[first + i] = i < steps / 2 ? start + i * distance : end - (steps - 1 - i) * distance;
  }
  return options.requiresGrad ? out.requiresGrad_() : out;
}

/** 1 on the main diagonal of [rows, columns], 0 elsewhere; square unless columns are given. */
export function eye(rows: number, columns = rows, options: TensorOptions = {}): Tensor {
  const out = zeros([rows, columns], { dtype: options.dtype ?? 'float32' });
  const [heap, first] = [heapOf(out.dtype), out.address >>> shiftOf(out.dtype)];
  for (let i = 0; i < Math.min(rows, columns); i++) heap[first + i * (columns + 1)] = 1;
  return options.requiresGrad ? out.requiresGrad_() : out;
}

function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32';
  if (array instanceof Float64Array) return 'float64';
  return array instanceof Int32Array ? 'int32' : 'uint8';
}
