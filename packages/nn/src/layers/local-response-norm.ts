import type { Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

export interface LocalResponseNormOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly k?: number;
}

/**
 * Local response normalisation (Krizhevsky et al. 2012): x/(k + alpha·mean of x² over `size` neighbouring channels)^beta,
 * with zeros beside the first and the last channel. x: [N, C, ...] → the same.
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    const { alpha, beta, k } = this.withDefaults(options, { alpha: 1e-4, beta: 0.75, k: 1 });
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  forward(x: Tensor): Tensor {
    const before = Math.floor(this.size / 2);
    const sides = [...x.shape.slice(2).flatMap(() => [0, 0]), before, this.size - 1 - before];
    const means = x.mul(x).pad(sides).unfold(1, this.size, 1).mean(-1);
    return x.div(means.mul(this.alpha).add(this.k).pow(this.beta));
  }
}
