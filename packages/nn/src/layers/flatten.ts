import type { Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** Joins dimensions startDim … endDim into one: [N, C, H, W] → [N, C·H·W] by default. */
export class Flatten extends Module {
  static {
    keepsNothing(this);
  }

  readonly #startDim: number;
  readonly #endDim: number;

  constructor(options: { startDim?: number; endDim?: number } = {}) {
    super();
    const { startDim, endDim } = this.withDefaults(options, { startDim: 1, endDim: -1 });
    this.#startDim = startDim;
    this.#endDim = endDim;
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.#startDim, this.#endDim);
  }
}
