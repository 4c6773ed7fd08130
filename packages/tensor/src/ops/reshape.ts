/** Views: new shapes and strides over the same memory. */
import { isRecording, record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsNothing } from '../autograd/versions.ts';
import { shiftOf } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { contiguousStrides, dimIndex, inferShape, sameShape, show, sizeOf, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { copyInto, rowMajor } from './accumulate.ts';
import { zerosLike } from './fill.ts';
import { sumTo } from './sum-to.ts';

/** x's memory, from element `offset` on, read with another shape and strides (null: row-major). No gradient. */
export function viewOf(x: Tensor, shape: Shape, strides: readonly number[] | null, offset = 0): Tensor {
  const isRowMajor = strides !== null && isContiguous(shape, strides);
  const address = x.address + offset * 2 ** shiftOf(x.dtype);
  const view = new Tensor(address, shape, isRowMajor ? null : strides, x.dtype, sizeOf(shape), x.scope);
  view.storage = x.storage ?? x;
  if (isRecording()) view.base = x.base ?? x;
  return view;
}

/** The same elements in row-major order with another shape; one size may be -1. A view where x is row-major. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const resolved = inferShape('reshape', shape, x.size);
  const source = contiguous(x);
  return record(viewOf(source, resolved, null), reshapeGradient, [source]);
}
function reshapeGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [reshape(grad, x.shape)];
}

/** x itself if it is row-major, else a row-major copy. */
export function contiguous(x: Tensor): Tensor {
  return x.strides === null ? x : record(rowMajor(x), sameGradient, [x]);
}

/** A copy with memory of its own. */
export function clone(x: Tensor): Tensor {
  const copy = Tensor.empty(x.shape, x.dtype);
  copyInto(copy, x);
  return record(copy, sameGradient, [x]);
}
export function sameGradient(grad: Tensor): Tensor[] {
  return [grad];
}

/** The same memory, cut off from the graph. */
export function detach(x: Tensor): Tensor {
  x.checkAlive();
  const view = viewOf(x, x.shape, x.strides);
  view.base = null;
  return noted(view, 'same', [x]);
}

/** Dimensions in another order: result dimension i is x's dimension dims[i]. A view. */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  const order = dims.map((dim) => dimIndex('permute', dim, x.rank));
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError(
      `permute: dims ${show(dims)} must name each of the ${x.rank} dimensions of ${show(x.shape)} once`,
    );
  }
  const strides = x.strides ?? contiguousStrides(x.shape);
  const shape = order.map((d) => x.shape[d]);
  return record(
    viewOf(
      x,
      shape,
      order.map((d) => strides[d]),
    ),
    permuteGradient,
    [x],
    order,
  );
}
function permuteGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const order = saved as number[];
  return [
    permute(
      grad,
      order.map((_, d) => order.indexOf(d)),
    ),
  ];
}

/** Two dimensions exchanged. A view. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const order = x.shape.map((_, d) => d);
  const [a, b] = [dimIndex('transpose', dim0, x.rank), dimIndex('transpose', dim1, x.rank)];
  [order[a], order[b]] = [b, a];
  return permute(x, order);
}

/** The transpose of a matrix; a vector or scalar itself. A view. */
export function t(x: Tensor): Tensor {
  if (x.rank > 2)
    throw new ShapeError(`t: ${show(x.shape)} is no matrix; name two dimensions with transpose(dim0, dim1)`);
  return x.rank === 2 ? permute(x, [1, 0]) : x;
}

/** A dimension of size 1 at `dim`. A view. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const at = dimIndex('unsqueeze', dim, x.rank + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Without the dimension `dim` if its size is 1; without all of size 1 if no `dim` is named. A view. */
export function squeeze(x: Tensor, dim?: number): Tensor {
  const only = dim === undefined ? undefined : dimIndex('squeeze', dim, x.rank);
  return reshape(
    x,
    x.shape.filter((size, d) => size !== 1 || (only !== undefined && d !== only)),
  );
}

/** Dimensions startDim … endDim joined into one. */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  if (x.rank === 0) return reshape(x, [1]);
  const [from, to] = [dimIndex('flatten', startDim, x.rank), dimIndex('flatten', endDim, x.rank)];
  if (from > to) throw new ShapeError(`flatten: startDim ${startDim} comes after endDim ${endDim} in ${show(x.shape)}`);
  return reshape(x, [...x.shape.slice(0, from), sizeOf(x.shape.slice(from, to + 1)), ...x.shape.slice(to + 1)]);
}

/** dim split into dimensions of the given sizes, one of which may be -1. A view where x is row-major. */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const d = dimIndex('unflatten', dim, x.rank);
  const inner = inferShape('unflatten', sizes, x.shape[d]);
  return reshape(x, [...x.shape.slice(0, d), ...inner, ...x.shape.slice(d + 1)]);
}

/** x stretched to `shape` by repeating along dimensions of size 1; -1 keeps a size. A view: do not write to it. */
export function expand(x: Tensor, shape: Shape): Tensor {
  const added = shape.length - x.rank;
  const target = shape.map((size, d) => (size === -1 && d >= added ? x.shape[d - added] : size));
  const fits = added >= 0 && x.shape.every((size, d) => size === target[d + added] || size === 1);
  if (!fits) throw new ShapeError(`expand: ${show(x.shape)} cannot stretch to ${show(shape)}`);
  const own = x.strides ?? contiguousStrides(x.shape);
  const strides = target.map((size, d) => (d < added || (x.shape[d - added] === 1 && size !== 1) ? 0 : own[d - added]));
  return record(viewOf(x, target, strides), expandGradient, [x]);
}
function expandGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [sumTo(grad, x.shape)];
}

/** Every step-th element of `dim` from start up to, not including, end; both may count from the end. A view. */
export function slice(x: Tensor, dim: number, start = 0, end = Number.MAX_SAFE_INTEGER, step = 1): Tensor {
  const d = dimIndex('slice', dim, x.rank);
  if (!Number.isInteger(step) || step < 1)
    throw new ShapeError(`slice: step must be a whole number from 1, got ${step}`);
  if (!Number.isInteger(start) || !Number.isInteger(end))
    throw new ShapeError(`slice: start and end must be whole numbers, got ${start} and ${end}`);
  const size = x.shape[d];
  const from = bound(start, size);
  const count = Math.max(0, Math.ceil((bound(end, size) - from) / step));
  const strides = [...(x.strides ?? contiguousStrides(x.shape))];
  const offset = count === 0 ? 0 : from * strides[d];
  strides[d] *= step;
  const shape = x.shape.map((n, i) => (i === d ? count : n));
  return record(viewOf(x, shape, strides, offset), sliceGradient, [x], [d, from, end, step]);
}
function sliceGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [dim, start, end, step] = saved as [number, number, number, number];
  const whole = zerosLike(x);
  copyInto(slice(whole.detach(), dim, start, end, step), grad);
  return [record(whole, unsliceGradient, [grad], saved)];
}
function unsliceGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const [dim, start, end, step] = saved as [number, number, number, number];
  return [slice(grad, dim, start, end, step)];
}

/** `length` elements of `dim` from `start` on, which may count from the end. A view. */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const size = x.shape[dimIndex('narrow', dim, x.rank)];
  const from = start < 0 ? start + size : start;
  if (!(from >= 0 && length >= 0 && from + length <= size)) {
    throw new ShapeError(
      `narrow: ${length} elements from ${start} on do not lie in dimension ${dim} of ${show(x.shape)}`,
    );
  }
  return slice(x, dim, from, from + length);
}

/** The element at `index` of `dim`, without that dimension. A view. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const d = dimIndex('select', dim, x.rank);
  const at = index < 0 ? index + x.shape[d] : index;
  if (!Number.isInteger(at) || at < 0 || at >= x.shape[d]) {
    throw new ShapeError(`select: index ${index} is out of range for dimension ${dim} of ${show(x.shape)}`);
  }
  const part = slice(x, d, at, at + 1);
  const strides = (part.strides ?? contiguousStrides(part.shape)).filter((_, i) => i !== d);
  const shape = x.shape.filter((_, i) => i !== d);
  return record(viewOf(part, shape, strides), reshapeGradient, [part]);
}

/** Limits an index that may count from the end to [0, size]. */
function bound(index: number, size: number): number {
  return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
}

function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}

readsNothing(reshapeGradient, sameGradient, permuteGradient, expandGradient, sliceGradient, unsliceGradient);
