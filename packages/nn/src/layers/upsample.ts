import { interpolate, type InterpolateOptions, type InterpolationMode, type Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** Resizes [N, C, L], [N, C, H, W] or [N, C, D, H, W] to `size`, or by `scaleFactor`; see `interpolate`. */
export class Upsample extends Module {
  static {
    keepsNothing(this);
  }

  readonly #options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    this.#options = this.withDefaults(options, {
      size: null,
      scaleFactor: null,
      mode: 'nearest' as InterpolationMode,
      alignCorners: null,
      recomputeScaleFactor: null,
    });
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.#options);
  }
}
