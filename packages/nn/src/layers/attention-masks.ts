/** PyTorch's masks of attention layers, in which true blocks, as one mask of `scaledDotProductAttention`, in which it lets through. */
import { ShapeError, zeros, type DType, type Tensor } from '@gradwire/tensor';

export interface AttentionMasks {
  /** Keys of padding, [N, S]: bool, true for those that none may see; or numbers that are added to the scores. */
  readonly keyPaddingMask?: Tensor | null | undefined;
  /** [L, S] or [N·heads, L, S]: bool, true where a query may not see a key; or numbers that are added to the scores. */
  readonly attnMask?: Tensor | null | undefined;
  /** A query may not see the keys after it; cheaper than an attnMask that says the same. */
  readonly isCausal?: boolean | undefined;
}

/** Null, or a mask that broadcasts to [N, heads, L, S + extraKeys]; the extra keys are open to all. */
export function joinMasks(
  { keyPaddingMask, attnMask }: AttentionMasks,
  n: number,
  heads: number,
  dtype: DType,
  extraKeys: number,
): Tensor | null {
  const masks: Tensor[] = [];
  if (attnMask) masks.push(byHead(attnMask, n, heads));
  if (keyPaddingMask) masks.push(keyPaddingMask.reshape([keyPaddingMask.shape[0], 1, 1, -1]));
  if (masks.length === 0) return null;
  const padded = extraKeys === 0 ? masks : masks.map((mask) => mask.pad([0, extraKeys]));
  if (padded.every((mask) => mask.dtype === 'bool')) {
    const open = padded.map((mask) => mask.logicalNot());
    return open.length === 1 ? open[0] : open[0].logicalAnd(open[1]);
  }
  const added = padded.map((mask) => (mask.dtype === 'bool' ? asNumbers(mask, dtype) : mask));
  return added.length === 1 ? added[0] : added[0].add(added[1]);
}

function asNumbers(mask: Tensor, dtype: DType): Tensor {
  return zeros(mask.shape, { dtype }).maskedFill(mask, -Infinity);
}

function byHead(mask: Tensor, n: number, heads: number): Tensor {
  if (mask.rank === 2) return mask.unsqueeze(0).unsqueeze(0);
  if (mask.rank !== 3 || mask.shape[0] !== n * heads) {
    throw new ShapeError(
      `attnMask must be [L, S] or [N·heads, L, S] with N·heads = ${n * heads}, got [${mask.shape.join(', ')}]`,
    );
  }
  return mask.reshape([n, heads, mask.shape[1], mask.shape[2]]);
}
