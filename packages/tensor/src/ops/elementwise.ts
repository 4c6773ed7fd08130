/** What all elementwise operations share: result shape and type, operands in the block, one kernel call. */
import { noted } from '../autograd/trace.ts';
import { heapOf, isFloat, promote, shiftOf, type DType } from '../dtype.ts';
import { DTypeError } from '../errors.ts';
import { block, reals } from '../kernels/block.ts';
import { kernelsFor, type KernelName } from '../kernels/dispatch.ts';
import { bindOperands } from '../kernels/operands.ts';
import { broadcastShapes } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { scalar } from './fill.ts';

/** f(x), row-major; s and t are the kernel's constants. */
export function applyUnary(kernel: KernelName, x: Tensor, s = 0, t = 0): Tensor {
  return applyUnaryInto(Tensor.empty(x.shape, x.dtype), kernel, x, s, t);
}

/** The same, written to `out`, which may be x itself. */
export function applyUnaryInto(out: Tensor, kernel: KernelName, x: Tensor, s = 0, t = 0): Tensor {
  if (out.size === 0) return out;
  const kernels = kernelsFor(x.dtype);
  bindOperands(out, x);
  reals[0] = s;
  reals[1] = t;
  kernels[kernel](block);
  return out;
}

/** f(a, b) with broadcasting; both must have the same dtype. */
export function applyBinary(kernel: KernelName, a: Tensor, b: Tensor, s = 0, t = 0): Tensor {
  const out = Tensor.empty(broadcastShapes(kernel, a.shape, b.shape), a.dtype);
  return applyBinaryInto(out, kernel, a, b, s, t);
}

/** The same, written to `out`, which may be a or b itself. */
export function applyBinaryInto(out: Tensor, kernel: KernelName, a: Tensor, b: Tensor, s = 0, t = 0): Tensor {
  if (out.size === 0) return out;
  const kernels = kernelsFor(a.dtype);
  bindOperands(out, a, b);
  reals[0] = s;
  reals[1] = t;
  kernels[kernel](block);
  return out;
}

/** f(a, b) as bool. */
export function applyComparison(kernel: KernelName, a: Tensor, b: Tensor): Tensor {
  const out = Tensor.empty(broadcastShapes(kernel, a.shape, b.shape), 'bool');
  if (out.size === 0) return out;
  const kernels = kernelsFor(a.dtype);
  bindOperands(out, a, b);
  kernels[kernel](block);
  return noted(out, kernel, [a, b]);
}

/** Throws DTypeError unless x is a float tensor. */
export function checkFloat(where: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${where}: needs a float tensor, got ${x.dtype}; convert it with to('float32')`);
}

/** b as a tensor of a's type: numbers become scalars and do not widen a, save that a fraction turns integers to float32. */
export function operand(a: Tensor, b: Tensor | number): Tensor {
  if (b instanceof Tensor) return b;
  return scalar(b, isFloat(a.dtype) || Number.isInteger(b) ? (a.dtype === 'bool' ? 'int32' : a.dtype) : 'float32');
}

/** Copies x's elements into a new tensor of another type; no gradient is recorded. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const out = Tensor.empty(x.shape, dtype);
  const start = out.address >>> shiftOf(dtype);
  const data = x.data();
  heapOf(dtype).set(dtype === 'bool' ? data.map((value) => Number(value !== 0)) : data, start);
  return noted(out, 'to', [x]);
}

/** The dtype of a result of a and b. */
export function commonType(a: Tensor, b: Tensor): DType {
  return a.dtype === b.dtype ? a.dtype : promote(a.dtype, b.dtype);
}
