import { arange, scaledDotProductAttention, zeros, type AttentionOptions, type Tensor } from '@gradwire/tensor';
import type { KeyValueCache } from './key-value-cache.ts';

/**
 * Self-attention of new places: q [N, H, L, E] over all keys that the cache holds with the new k and v, [N, Hₖ, L, E], which it
 * takes up. With isCausal a new place sees all earlier ones, itself, and none after it. attnMask: over all keys, [.., L, length].
 */
export function attendThrough(
  cache: KeyValueCache,
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  options: AttentionOptions,
): Tensor {
  const past = cache.length;
  const [keys, values] = cache.append(k, v);
  return scaledDotProductAttention(q, keys, values, causalBehind(past, q, options));
}

/** The options for queries that stand behind `past` keys: the kernel's own causal mask begins at the first key. */
export function causalBehind(past: number, q: Tensor, options: AttentionOptions): AttentionOptions {
  const length = q.shape[q.rank - 2];
  if (!options.isCausal || past === 0) return options;
  if (length === 1) return { ...options, isCausal: false };
  const open = arange(past + length)
    .reshape([1, -1])
    .le(arange(past, past + length).reshape([-1, 1]));
  return { ...options, isCausal: false, attnMask: both(options.attnMask, open, q) };
}

function both(mask: Tensor | null | undefined, open: Tensor, q: Tensor): Tensor {
  if (!mask) return open;
  if (mask.dtype === 'bool') return mask.logicalAnd(open);
  return mask.add(zeros(open.shape, { dtype: q.dtype }).maskedFill(open.logicalNot(), -Infinity));
}
