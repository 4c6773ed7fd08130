/** Checks that `linear` and `conv2d` share: their kernels read weight and bias as x's type and trust the sizes. */
import { DTypeError, ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** Throws ShapeError unless bias, if there is one, is [size]. */
export function checkBias(where: string, bias: Tensor | null, size: number): void {
  if (bias && (bias.rank !== 1 || bias.size !== size)) {
    throw new ShapeError(`${where}: bias ${show(bias.shape)} must be [${size}], one number for each output`);
  }
}

/** Throws DTypeError unless x, weight and bias have one type. */
export function checkSameType(where: string, x: Tensor, weight: Tensor, bias: Tensor | null): void {
  if (weight.dtype !== x.dtype || (bias && bias.dtype !== x.dtype)) {
    const given = bias ? `${weight.dtype} and ${bias.dtype}` : weight.dtype;
    throw new DTypeError(`${where}: x is ${x.dtype}, but weight and bias are ${given}; convert x with to()`);
  }
}
