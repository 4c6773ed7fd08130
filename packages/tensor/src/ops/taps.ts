/** Sums of weighted elements along one dimension: what windows of unequal sizes and interpolation are made of. */
import { fromTypedArray } from '../create.ts';
import type { Tensor } from '../tensor.ts';
import { mul } from './arithmetic.ts';
import { indexSelect } from './gather.ts';
import { sum } from './reduce.ts';
import { unflatten } from './reshape.ts';

/** For each place of the result, equally many elements of the input: where they are, and their weights. */
export interface Taps {
  readonly index: readonly (readonly number[])[];
  readonly weight: readonly (readonly number[])[];
}

/** x[…, n, …] → [..., count, taps, ...]: the elements at `index` along dim. */
export function pickTaps(x: Tensor, dim: number, index: Taps['index']): Tensor {
  const flat = fromTypedArray(Int32Array.from(index.flat()), [index.length * index[0].length]);
  return unflatten(indexSelect(x, dim, flat), dim, [index.length, index[0].length]);
}

/** out[…, i, …] = Σ_t weight[i][t] · x[…, index[i][t], …] along dim. */
export function sumTaps(x: Tensor, dim: number, { index, weight }: Taps): Tensor {
  const picked = pickTaps(x, dim, index);
  const shape = picked.shape.map((size, d) => (d === dim || d === dim + 1 ? size : 1));
  const factors = fromTypedArray(Float64Array.from(weight.flat()), shape, { dtype: x.dtype });
  return sum(mul(picked, factors), dim + 1);
}
