/** Sums of squares over pieces of flat memory, of which norms are made that do not depend on who computes them. */
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import type { Tensor } from '../tensor.ts';

/** Pieces `from` … `to` − 1 of flat memory. */
export interface FlatPieces {
  /** First and last + 1 element of each piece, [pieces, 2], int32. */
  readonly borders: Tensor;
  readonly from: number;
  readonly to: number;
}

/** Writes the sum of squares of each of these pieces of `values` to `sums`, [pieces], float64. */
export function squareSums(values: Tensor, pieces: FlatPieces, sums: Tensor): void {
  const kernels = kernelsFor(values.dtype);
  const words = openBlock();
  words[0] = values.address;
  words[1] = bordersAt(pieces);
  words[2] = sumsAt(sums, pieces);
  words[3] = pieces.to - pieces.from;
  kernels.squareSums(block);
}

/** Byte address of the borders of the first of the pieces. */
export function bordersAt({ borders, from }: FlatPieces): number {
  return borders.address + from * 8;
}

/** Byte address of the sum of the first of the pieces. */
export function sumsAt(sums: Tensor, { from }: FlatPieces): number {
  return sums.address + from * 8;
}
