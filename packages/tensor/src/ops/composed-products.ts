/** Products along a dimension made of recorded ones, right also where factors are 0: for second gradients. */
import type { Tensor } from '../tensor.ts';
import { mul } from './arithmetic.ts';
import { onesLike } from './fill.ts';
import { cat } from './join.ts';
import { narrow, slice } from './reshape.ts';

/** The product along dim, which stays with size 1: neighbours by pairs, in ⌈log₂ n⌉ rounds. */
export function productAlong(x: Tensor, dim: number): Tensor {
  const n = x.shape[dim];
  if (n <= 1) return n === 1 ? x : onesLike(x);
  const even = slice(x, dim, 0, n - (n % 2), 2);
  const pairs = mul(even, slice(x, dim, 1, n, 2));
  return productAlong(n % 2 === 0 ? pairs : cat([pairs, narrow(x, dim, n - 1, 1)], dim), dim);
}

/** Products from the first element of dim to each, by doubling (Hillis & Steele 1986). */
export function runningProduct(x: Tensor, dim: number): Tensor {
  const n = x.shape[dim];
  let out = x;
  for (let reach = 1; reach < n; reach *= 2) {
    const moved = mul(narrow(out, dim, reach, n - reach), narrow(out, dim, 0, n - reach));
    out = cat([narrow(out, dim, 0, reach), moved], dim);
  }
  return out;
}
