import { maxPool2d, type MaxPool2dOptions, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';
import { pair, type Size2d } from '../pair.ts';

/** Largest element of each window, x: [N, C, H, W] → [N, C, OH, OW]; stride is the kernel's size unless given. */
export class MaxPool2d extends Module {
  readonly #options: MaxPool2dOptions;

  constructor(
    kernelSize: Size2d,
    options: { stride?: Size2d; padding?: Size2d; dilation?: Size2d; ceilMode?: boolean } = {},
  ) {
    super();
    const { stride, padding, dilation, ceilMode } = this.withDefaults(options, {
      stride: kernelSize,
      padding: 0,
      dilation: 1,
      ceilMode: false,
    });
    this.#options = {
      kernelSize: pair('MaxPool2d: kernelSize', kernelSize, 1),
      stride: pair('MaxPool2d: stride', stride, 1),
      padding: pair('MaxPool2d: padding', padding, 0),
      dilation: pair('MaxPool2d: dilation', dilation, 1),
      ceilMode,
    };
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.#options);
  }
}
