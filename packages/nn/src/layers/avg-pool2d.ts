import { avgPool2d, type AvgPool2dOptions, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';
import { pair, type Size2d } from '../pair.ts';

/** Mean of each window, x: [N, C, H, W] → [N, C, OH, OW]; stride is the kernel's size unless given. */
export class AvgPool2d extends Module {
  readonly #options: AvgPool2dOptions;

  constructor(
    kernelSize: Size2d,
    options: {
      stride?: Size2d;
      padding?: Size2d;
      ceilMode?: boolean;
      countIncludePad?: boolean;
      divisorOverride?: number;
    } = {},
  ) {
    super();
    const { stride, padding, ceilMode, countIncludePad, divisorOverride } = this.withDefaults(options, {
      stride: kernelSize,
      padding: 0,
      ceilMode: false,
      countIncludePad: true,
      divisorOverride: 0,
    });
    this.#options = {
      kernelSize: pair('AvgPool2d: kernelSize', kernelSize, 1),
      stride: pair('AvgPool2d: stride', stride, 1),
      padding: pair('AvgPool2d: padding', padding, 0),
      ceilMode,
      countIncludePad,
      divisorOverride,
    };
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.#options);
  }
}
