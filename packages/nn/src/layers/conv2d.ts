import { conv2d, empty, ShapeError, type Conv2dOptions, type Tensor } from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { Module } from '../module.ts';
import { pair, type Size2d } from '../pair.ts';
import { Parameter } from '../parameter.ts';

/**
 * Two-dimensional convolution (cross-correlation), x: [N, inChannels, H, W] → [N, outChannels, OH, OW] with
 * OH = ⌊(H + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1. weight: [outChannels, inChannels/groups, KH, KW] and
 * bias: [outChannels] start uniform in ±1/√(inputs of one output), as in PyTorch.
 */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly #options: Conv2dOptions;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Size2d,
    options: { stride?: Size2d; padding?: Size2d; dilation?: Size2d; groups?: number; bias?: boolean } = {},
  ) {
    super();
    const { stride, padding, dilation, groups, bias } = this.withDefaults(options, {
      stride: 1,
      padding: 0,
      dilation: 1,
      groups: 1,
      bias: true,
    });
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ShapeError(`Conv2d: ${inChannels} and ${outChannels} channels do not divide into ${groups} groups`);
    }
    this.#options = {
      stride: pair('Conv2d: stride', stride, 1),
      padding: pair('Conv2d: padding', padding, 0),
      dilation: pair('Conv2d: dilation', dilation, 1),
      groups,
    };
    const shape = [outChannels, inChannels / groups, ...pair('Conv2d: kernelSize', kernelSize, 1)];
    const bound = 1 / Math.sqrt(shape[1] * shape[2] * shape[3]);
    this.weight = new Parameter(uniform_(empty(shape), -bound, bound));
    this.bias = bias ? new Parameter(uniform_(empty([outChannels]), -bound, bound)) : null;
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.#options);
  }
}
