import { cat, zeros, type Tensor } from '@gradwire/tensor';

/** Queries, keys and values, [N, L, E] or as heads. */
export type Projected = readonly [q: Tensor, k: Tensor, v: Tensor];

/** One learned key and value more for every sequence, if there are, and one of zeros, if asked for. */
export function withExtraKeys(
  [q, k, v]: Projected,
  learned: readonly [key: Tensor, value: Tensor] | null,
  addZero: boolean,
): Projected {
  const one = [k.shape[0], 1, k.shape[2]];
  const [keys, values] = [[k], [v]];
  if (learned) {
    keys.push(learned[0].expand(one));
    values.push(learned[1].expand(one));
  }
  if (addZero) for (const list of [keys, values]) list.push(zeros(one, { dtype: k.dtype }));
  return keys.length === 1 ? [q, k, v] : [q, cat(keys, 1), cat(values, 1)];
}
