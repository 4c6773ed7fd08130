/** Losses that want distances or scores to differ by a margin. */
import { where, type Tensor } from '@gradwire/tensor';
import { cosineSimilarity, pairwiseDistance } from '../layers/distances.ts';
import { reduce, type Reduction } from './reduction.ts';

export interface MarginOptions {
  readonly margin?: number;
  readonly reduction?: Reduction;
}

/** 1 − cos(x1, x2) for target 1, max(0, cos(x1, x2) − margin) for target −1. x1, x2: [N, D], target: [N]. */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  { margin = 0, reduction = 'mean' }: MarginOptions = {},
): Tensor {
  const cosine = cosineSimilarity(x1, x2, { dim: -1, eps: 1e-8 });
  const apart = where(target.eq(-1), cosine.sub(margin).relu(), 0);
  return reduce(where(target.eq(1), cosine.neg().add(1), apart), reduction);
}

/** input for target 1, max(0, margin − input) for target −1, elementwise. */
export function hingeEmbeddingLoss(
  input: Tensor,
  target: Tensor,
  { margin = 1, reduction = 'mean' }: MarginOptions = {},
): Tensor {
  const near = where(target.eq(-1), 0, input);
  return reduce(near.add(where(target.eq(1), 0, input.neg().add(margin).relu())), reduction);
}

/** max(0, −target·(x1 − x2) + margin): for target 1 the first is to be larger, for −1 the second. */
export function marginRankingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  { margin = 0, reduction = 'mean' }: MarginOptions = {},
): Tensor {
  return reduce(target.neg().mul(x1.sub(x2)).add(margin).relu(), reduction);
}

export interface TripletOptions extends MarginOptions {
  /** Degree of the norm that measures distances. */
  readonly p?: number;
  readonly eps?: number;
  /** Uses the distance of positive and negative where it is smaller (Balntas et al. 2016). */
  readonly swap?: boolean;
}

/** max(0, |anchor − positive| − |anchor − negative| + margin). All: [N, D] → [N], or reduced. */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = 'mean' }: TripletOptions = {},
): Tensor {
  const near = pairwiseDistance(anchor, positive, { p, eps });
  const far = pairwiseDistance(anchor, negative, { p, eps });
  const least = swap ? far.minimum(pairwiseDistance(positive, negative, { p, eps })) : far;
  return reduce(near.sub(least).add(margin).relu(), reduction);
}

export interface TripletDistanceOptions extends MarginOptions {
  /** [N, D] and [N, D] → [N]; pairwiseDistance unless given. */
  readonly distanceFunction?: ((x1: Tensor, x2: Tensor) => Tensor) | null;
  readonly swap?: boolean;
}

/** The same with a distance of your own. */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { distanceFunction = null, margin = 1, swap = false, reduction = 'mean' }: TripletDistanceOptions = {},
): Tensor {
  const distance = distanceFunction ?? pairwiseDistance;
  const far = distance(anchor, negative);
  const least = swap ? far.minimum(distance(positive, negative)) : far;
  return reduce(distance(anchor, positive).sub(least).add(margin).relu(), reduction);
}
