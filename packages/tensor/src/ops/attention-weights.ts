/** Attention made of plain operations, for those who want its weights, the gradient of its mask, or second gradients. */
import { heapOf, shiftOf } from '../dtype.ts';
import { philox4x32 } from '../random/philox.ts';
import { sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { arange } from '../create.ts';
import { drawKey, dropoutThreshold, type AttentionOptions, type Settings } from './attention-call.ts';
import { matmul } from './matmul.ts';
import { expand, reshape, transpose, unsqueeze } from './reshape.ts';
import { softmax } from './softmax.ts';
import { maskedFill } from './where.ts';

type Weighing = Omit<Settings, 'maskStrides'>;

/**
 * softmax(scale·q·kᵀ + mask), before and after dropping: [..., L, S]. Options as scaledDotProductAttention; a query that
 * may see no key has zeros.
 */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionOptions = {}): Tensor {
  return weigh(q, options.enableGqa ? repeatHeads(k, q) : k, weighingOf(options, q));
}

/** scaledDotProductAttention by way of its weights. */
export function composedAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  return attendThroughWeights(q, k, v, weighingOf(options, q), options.enableGqa ?? false);
}

/** The same, all options settled. */
export function attendThroughWeights(q: Tensor, k: Tensor, v: Tensor, weighing: Weighing, isGrouped: boolean): Tensor {
  const [keys, values] = isGrouped ? [repeatHeads(k, q), repeatHeads(v, q)] : [k, v];
  return matmul(weigh(q, keys, weighing), values);
}

function weighingOf(options: AttentionOptions, q: Tensor): Weighing {
  return {
    scale: options.scale ?? 1 / Math.sqrt(q.shape[q.rank - 1]),
    causal: options.isCausal ?? false,
    mask: options.attnMask ?? null,
    dropoutP: options.dropoutP ?? 0,
    dropoutKey: drawKey(options),
  };
}

function weigh(q: Tensor, k: Tensor, { scale, causal, mask, dropoutP, dropoutKey }: Weighing): Tensor {
  const scores = matmul(q, transpose(k, -1, -2)).mul(scale);
  const added = mask && mask.dtype !== 'bool' ? scores.add(mask) : scores;
  const masked = mask?.dtype === 'bool' ? maskedFill(added, mask.eq(0), -Infinity) : added;
  const seen = causal ? maskedFill(masked, future(masked), -Infinity) : masked;
  const weights = mask === null || seen.size === 0 ? softmax(seen, -1) : softmaxOfSeen(seen);
  return dropoutP === 0 ? weights : weights.mul(kept(weights, dropoutP, dropoutKey));
}

/** 0 for rows of −∞, whose softmax would be 0/0. */
function softmaxOfSeen(scores: Tensor): Tensor {
  const blind = scores.detach().max(-1, true).values.eq(-Infinity);
  return maskedFill(softmax(maskedFill(scores, blind, 0), -1), blind, 0);
}

/** True where a key comes after the query. */
function future({ shape }: Tensor): Tensor {
  const [queries, keys] = shape.slice(-2);
  return reshape(arange(keys), [1, keys]).gt(reshape(arange(queries), [queries, 1]));
}

/** What dropping multiplies each weight by: the same numbers as in the kernel (assembly/attention-tile.ts). */
function kept({ shape, rank, dtype }: Tensor, dropoutP: number, [low, high]: readonly [number, number]): Tensor {
  const out = Tensor.empty(shape, dtype);
  const [heap, four] = [heapOf(dtype), new Uint32Array(4)];
  const [queries, keys] = [shape[rank - 2], shape[rank - 1]];
  const [threshold, factor] = [dropoutThreshold(dropoutP), dropoutP < 1 ? 1 / (1 - dropoutP) : 0];
  let at = out.address >>> shiftOf(dtype);
  for (let head = 0; head < sizeOf(shape.slice(0, -2)); head++) {
    for (let i = 0; i < queries; i++) {
      for (let j = 0; j < keys; j++) {
        if (j % 4 === 0) philox4x32(j >> 2, i, head, 0, low, high, four);
        heap[at++] = four[j % 4] >= threshold ? factor : 0;
      }
    }
  }
  return out;
}

/** Each head of x [..., H, rows, width] as often as there are more heads in `like`. */
function repeatHeads(x: Tensor, like: Tensor): Tensor {
  const [heads, more] = [x.shape[x.rank - 3], like.shape[like.rank - 3]];
  if (heads === more) return x;
  const stretched = expand(unsqueeze(x, -3), [...x.shape.slice(0, -2), more / heads, ...x.shape.slice(-2)]);
  return reshape(stretched, [...x.shape.slice(0, -3), more, ...x.shape.slice(-2)]);
}
