/** How near vectors are to each other, as functions and as layers. */
import type { Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

export interface CosineSimilarityOptions {
  /** The dimension of the vectors; 1 by default. */
  readonly dim?: number;
  /** The least norm that is divided by; 1e-8 by default. */
  readonly eps?: number;
}

export interface PairwiseDistanceOptions {
  /** The p of the norm; 2 by default. */
  readonly p?: number;
  /** Added to each difference, so that the gradient is finite at equal vectors; 1e-6 by default. */
  readonly eps?: number;
  readonly keepdim?: boolean;
}

/** x1·x2 / (max(‖x1‖, eps)·max(‖x2‖, eps)) along dim; x1 and x2 broadcast to each other. */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  { dim = 1, eps = 1e-8 }: CosineSimilarityOptions = {},
): Tensor {
  const products = x1.mul(x2);
  const [norm1, norm2] = [x1, x2].map((x) => x.expand(products.shape).norm(dim).clamp(eps, Infinity));
  return products.sum(dim).div(norm1.mul(norm2));
}

/** ‖x1 − x2 + eps‖ₚ along the last dimension. */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  { p = 2, eps = 1e-6, keepdim = false }: PairwiseDistanceOptions = {},
): Tensor {
  const difference = x1.sub(x2).add(eps);
  if (p === 2) return difference.norm(-1, keepdim);
  const sizes = difference.abs();
  if (p === Infinity) return sizes.max(-1, keepdim).values;
  return p === 1
    ? sizes.sum(-1, keepdim)
    : sizes
        .pow(p)
        .sum(-1, keepdim)
        .pow(1 / p);
}

/** `cosineSimilarity` as a layer. */
export class CosineSimilarity extends Module {
  readonly #options: CosineSimilarityOptions;

  constructor(options: CosineSimilarityOptions = {}) {
    super();
    this.#options = this.withDefaults(options, { dim: 1, eps: 1e-8 });
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.#options);
  }
}

/** `pairwiseDistance` as a layer. */
export class PairwiseDistance extends Module {
  readonly #options: PairwiseDistanceOptions;

  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    this.#options = this.withDefaults(options, { p: 2, eps: 1e-6, keepdim: false });
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.#options);
  }
}
