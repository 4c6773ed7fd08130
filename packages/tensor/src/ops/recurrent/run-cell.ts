import { block, openBlock } from '../../kernels/block.ts';
import { kernelsFor } from '../../kernels/dispatch.ts';
import type { Tensor } from '../../tensor.ts';

/** Runs a kernel of one time step. Its words are the operands' addresses, then batch and size. */
export function runCell(
  kernel: 'lstmCell' | 'lstmCellGrad' | 'gruCell' | 'gruCellGrad',
  batch: number,
  size: number,
  ...operands: readonly Tensor[]
): void {
  const kernels = kernelsFor(operands[0].dtype);
  const words = openBlock();
  operands.forEach(({ address }, i) => (words[i] = address));
  words[operands.length] = batch;
  words[operands.length + 1] = size;
  kernels[kernel](block);
}
