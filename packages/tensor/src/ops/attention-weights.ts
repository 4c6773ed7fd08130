/** Attention made of plain operations, for those who want its weights or the gradient of its mask. */
import { defaultGenerator } from '../random/default-generator.ts';
import type { Tensor } from '../tensor.ts';
import { arange } from '../create.ts';
import type { AttentionOptions } from './attention-call.ts';
import { matmul } from './matmul.ts';
import { expand, reshape, transpose, unsqueeze } from './reshape.ts';
import { softmax } from './softmax.ts';
import { maskedFill } from './where.ts';

/**
 * softmax(scale·q·kᵀ + mask), before and after dropping: [..., L, S]. Options as scaledDotProductAttention; a query that
 * may see no key has zeros.
 */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionOptions = {}): Tensor {
  const { attnMask = null, isCausal = false, dropoutP = 0, enableGqa = false } = options;
  const keys = enableGqa ? repeatHeads(k, q) : k;
  const scores = matmul(q, transpose(keys, -1, -2)).mul(options.scale ?? 1 / Math.sqrt(q.shape[q.rank - 1]));
  const added = attnMask && attnMask.dtype !== 'bool' ? scores.add(attnMask) : scores;
  const masked = attnMask?.dtype === 'bool' ? maskedFill(added, attnMask.eq(0), -Infinity) : added;
  const seen = isCausal ? maskedFill(masked, future(masked), -Infinity) : masked;
  if (attnMask === null || seen.size === 0) return dropped(softmax(seen, -1), dropoutP, options);
  const blind = seen.detach().max(-1, true).values.eq(-Infinity); // their softmax would be 0/0
  return dropped(maskedFill(softmax(maskedFill(seen, blind, 0), -1), blind, 0), dropoutP, options);
}

/** scaledDotProductAttention by way of its weights. */
export function composedAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  return matmul(attentionWeights(q, k, options), options.enableGqa ? repeatHeads(v, q) : v);
}

/** True where a key comes after the query. */
function future({ shape }: Tensor): Tensor {
  const [queries, keys] = shape.slice(-2);
  return reshape(arange(keys), [1, keys]).gt(reshape(arange(queries), [queries, 1]));
}

function dropped(weights: Tensor, p: number, { generator = defaultGenerator() }: AttentionOptions): Tensor {
  if (p === 0) return weights;
  const kept = generator.rand(weights.shape).ge(p).to(weights.dtype);
  return weights.mul(p < 1 ? kept.mul(1 / (1 - p)) : kept.mul(0));
}

/** Each head of x [..., H, rows, width] as often as there are more heads in `like`. */
function repeatHeads(x: Tensor, like: Tensor): Tensor {
  const heads = x.shape[x.rank - 3];
  const shape = [...x.shape.slice(0, -2), like.shape[like.rank - 3] / heads, ...x.shape.slice(-2)];
  return reshape(expand(unsqueeze(x, -3), shape), [...x.shape.slice(0, -3), -1, ...x.shape.slice(-2)]);
}
