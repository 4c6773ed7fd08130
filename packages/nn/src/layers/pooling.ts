/** Pooling layers: the greatest element of each window, or its mean. The stride is the kernel's size unless given. */
import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type AvgPoolOptions,
  type MaxPoolOptions,
  sizesOf,
  type Sizes,
  type Tensor,
} from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

const MAX = [maxPool1d, maxPool2d, maxPool3d];
const MEAN = [avgPool1d, avgPool2d, avgPool3d];

abstract class MaxPool extends Module {
  static {
    keepsNothing(this);
  }

  readonly #dims: number;
  readonly #kernelSize: readonly number[];
  readonly #options: MaxPoolOptions;

  constructor(dims: number, kernelSize: Sizes, options: MaxPoolOptions) {
    super();
    const name = this.constructor.name;
    const given = this.withDefaults(options, {
      stride: kernelSize,
      padding: 0 as Sizes,
      dilation: 1 as Sizes,
      ceilMode: false as boolean,
    });
    this.#dims = dims;
    this.#kernelSize = sizesOf(`${name}: kernelSize`, kernelSize, dims, 1);
    this.#options = {
      stride: sizesOf(`${name}: stride`, given.stride, dims, 1),
      padding: sizesOf(`${name}: padding`, given.padding, dims, 0),
      dilation: sizesOf(`${name}: dilation`, given.dilation, dims, 1),
      ceilMode: given.ceilMode,
    };
  }

  forward(x: Tensor): Tensor {
    return MAX[this.#dims - 1](x, this.#kernelSize, this.#options);
  }
}

abstract class AvgPool extends Module {
  static {
    keepsNothing(this);
  }

  readonly #dims: number;
  readonly #kernelSize: readonly number[];
  readonly #options: AvgPoolOptions;

  constructor(dims: number, kernelSize: Sizes, options: AvgPoolOptions) {
    super();
    const name = this.constructor.name;
    const given = this.withDefaults(options, {
      stride: kernelSize,
      padding: 0 as Sizes,
      ceilMode: false as boolean,
      countIncludePad: true as boolean,
      divisorOverride: null as number | null,
    });
    this.#dims = dims;
    this.#kernelSize = sizesOf(`${name}: kernelSize`, kernelSize, dims, 1);
    this.#options = {
      ...given,
      stride: sizesOf(`${name}: stride`, given.stride, dims, 1),
      padding: sizesOf(`${name}: padding`, given.padding, dims, 0),
    };
  }

  forward(x: Tensor): Tensor {
    return MEAN[this.#dims - 1](x, this.#kernelSize, this.#options);
  }
}

/** Greatest element of each window; padding is −∞. x: [N, C, L] or [C, L] → [..., OL]. */
export class MaxPool1d extends MaxPool {
  constructor(kernelSize: Sizes, options: MaxPoolOptions = {}) {
    super(1, kernelSize, options);
  }
}

/** Greatest element of each window; padding is −∞. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export class MaxPool2d extends MaxPool {
  constructor(kernelSize: Sizes, options: MaxPoolOptions = {}) {
    super(2, kernelSize, options);
  }
}

/** Greatest element of each window; padding is −∞. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export class MaxPool3d extends MaxPool {
  constructor(kernelSize: Sizes, options: MaxPoolOptions = {}) {
    super(3, kernelSize, options);
  }
}

/** Mean of each window. x: [N, C, L] or [C, L] → [..., OL]. */
export class AvgPool1d extends AvgPool {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(1, kernelSize, options);
  }
}

/** Mean of each window. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export class AvgPool2d extends AvgPool {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(2, kernelSize, options);
  }
}

/** Mean of each window. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export class AvgPool3d extends AvgPool {
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super(3, kernelSize, options);
  }
}
