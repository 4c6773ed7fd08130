/** Pooling layers whose result has a given size, whatever the input's: a number, one for each dimension, null to keep. */
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type OutputSize,
  type Tensor,
} from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

type Pool = (x: Tensor, outputSize: OutputSize) => Tensor;

abstract class AdaptivePool extends Module {
  static {
    keepsNothing(this);
  }

  readonly #pool: Pool;
  readonly #outputSize: OutputSize;

  constructor(pool: Pool, outputSize: OutputSize) {
    super();
    this.#pool = pool;
    this.#outputSize = outputSize;
  }

  forward(x: Tensor): Tensor {
    return this.#pool(x, this.#outputSize);
  }
}

/** Mean of each window, outputSize in all. x: [N, C, L] or [C, L] → [..., outputSize]. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  constructor(outputSize: OutputSize) {
    super(adaptiveAvgPool1d, outputSize);
  }
}

/** Mean of each window, outputSize in all. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  constructor(outputSize: OutputSize) {
    super(adaptiveAvgPool2d, outputSize);
  }
}

/** Mean of each window, outputSize in all. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export class AdaptiveAvgPool3d extends AdaptivePool {
  constructor(outputSize: OutputSize) {
    super(adaptiveAvgPool3d, outputSize);
  }
}

/** Greatest element of each window, outputSize in all. x: [N, C, L] or [C, L] → [..., outputSize]. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  constructor(outputSize: OutputSize) {
    super(adaptiveMaxPool1d, outputSize);
  }
}

/** Greatest element of each window, outputSize in all. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export class AdaptiveMaxPool2d extends AdaptivePool {
  constructor(outputSize: OutputSize) {
    super(adaptiveMaxPool2d, outputSize);
  }
}

/** Greatest element of each window, outputSize in all. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export class AdaptiveMaxPool3d extends AdaptivePool {
  constructor(outputSize: OutputSize) {
    super(adaptiveMaxPool3d, outputSize);
  }
}
