import { avgPool1d, avgPool2d, sizesOf, type PoolOptions, type Sizes, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

export type LpPoolOptions = Omit<PoolOptions, 'padding'>;

const MEAN = [avgPool1d, avgPool2d];

abstract class LpPool extends Module {
  readonly #dims: number;
  readonly #p: number;
  readonly #kernel: readonly number[];
  readonly #options: LpPoolOptions;

  constructor(dims: number, normType: number, kernelSize: Sizes, options: LpPoolOptions) {
    super();
    this.#dims = dims;
    this.#p = normType;
    this.#kernel = sizesOf(`${this.constructor.name}: kernelSize`, kernelSize, dims, 1);
    this.#options = this.withDefaults(options, { stride: kernelSize, ceilMode: false as boolean });
  }

  forward(x: Tensor): Tensor {
    const means = MEAN[this.#dims - 1](x.pow(this.#p), this.#kernel, this.#options);
    const sums = means.relu().mul(this.#kernel.reduce((product, size) => product * size, 1)); // as PyTorch: not below 0
    return sums.pow(1 / this.#p);
  }
}

/** (Σ xᵖ)^(1/p) over each window, p = normType. x: [N, C, L] or [C, L] → [..., OL]. */
export class LPPool1d extends LpPool {
  constructor(normType: number, kernelSize: Sizes, options: LpPoolOptions = {}) {
    super(1, normType, kernelSize, options);
  }
}

/** (Σ xᵖ)^(1/p) over each window, p = normType. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export class LPPool2d extends LpPool {
  constructor(normType: number, kernelSize: Sizes, options: LpPoolOptions = {}) {
    super(2, normType, kernelSize, options);
  }
}
