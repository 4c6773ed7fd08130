/** Normalisation made of recorded operations: what the fused ones compute, for second gradients. */
import type { Tensor } from '../tensor.ts';
import { add, mul, sub } from './arithmetic.ts';
import { rsqrt } from './math.ts';
import { mean } from './reduce.ts';
import { reshape } from './reshape.ts';

/** x as [n, channels, inner], times weight and plus bias of each channel. */
interface Affine {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  /** [n, channels, inner] */
  readonly sizes: readonly [number, number, number];
}

/** Rows of x [rows, length], each normalised by itself; x's shape again. */
export function normalisedRows(x: Tensor, rows: number, eps: number, isCentred: boolean, affine: Affine): Tensor {
  const lines = reshape(x, [rows, rows === 0 ? 0 : x.size / rows]);
  const centred = isCentred ? sub(lines, mean(lines, 1, true)) : lines;
  const square = mean(mul(centred, centred), 1, true);
  return transformed(mul(centred, rsqrt(add(square, eps))), affine, x);
}

/** Channels of x, normalised by their own moments, or by those that are given, [channels] each. */
export function normalisedChannels(x: Tensor, eps: number, given: readonly Tensor[] | null, affine: Affine): Tensor {
  const lines = reshape(x, affine.sizes);
  const column = (vector: Tensor): Tensor => reshape(vector, [-1, 1]);
  const centred = sub(lines, given ? column(given[0]) : mean(lines, [0, 2], true));
  const variance = given ? column(given[1]) : mean(mul(centred, centred), [0, 2], true);
  return transformed(mul(centred, rsqrt(add(variance, eps))), affine, x);
}

function transformed(x: Tensor, { weight, bias, sizes }: Affine, like: Tensor): Tensor {
  const channels = reshape(x, sizes);
  const scaled = weight ? mul(channels, reshape(weight, [sizes[1], 1])) : channels;
  return reshape(bias ? add(scaled, reshape(bias, [sizes[1], 1])) : scaled, like.shape);
}
