import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindOperands } from '../kernels/operands.ts';
import { Tensor } from '../tensor.ts';

/** target += source, elementwise; source broadcasts to target. No gradient is recorded. */
export function accumulate(target: Tensor, source: Tensor): void {
  if (target.size === 0) return;
  target.checkAlive();
  const kernels = kernelsFor(target.dtype);
  bindOperands(target, source);
  kernels.accumulate(block);
}

/** target = source, elementwise; source broadcasts to target, and either may be strided. No gradient is recorded. */
export function copyInto(target: Tensor, source: Tensor): void {
  if (target.size === 0) return;
  const kernels = kernelsFor(target.dtype);
  bindOperands(target, source);
  kernels.copy(block);
}

/** A row-major tensor with the same elements: x itself if it is one. No gradient is recorded. */
export function rowMajor(x: Tensor): Tensor {
  if (x.strides === null) {
    x.checkAlive();
    return x;
  }
  const copy = Tensor.empty(x.shape, x.dtype);
  copyInto(copy, x);
  return copy;
}
