/** Transposed convolution layers in one, two and three dimensions. */
import {
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  empty,
  ShapeError,
  sizesOf,
  type Sizes,
  type Tensor,
} from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

export interface ConvTransposeLayerOptions {
  stride?: Sizes;
  padding?: Sizes;
  outputPadding?: Sizes;
  dilation?: Sizes;
  groups?: number;
  bias?: boolean;
}

const FUNCTIONS = [convTranspose1d, convTranspose2d, convTranspose3d];

/** What transposed convolution layers share; `dims` spatial dimensions. */
abstract class TransposedConvolution extends Module {
  static {
    keepsNothing(this);
  }

  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly #dims: number;
  readonly #options: { stride: Sizes; padding: Sizes; outputPadding: Sizes; dilation: Sizes; groups: number };

  constructor(
    dims: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    const given = this.withDefaults(options, {
      stride: 1 as Sizes,
      padding: 0 as Sizes,
      outputPadding: 0 as Sizes,
      dilation: 1 as Sizes,
      groups: 1,
      bias: true,
    });
    const { groups } = given;
    const name = this.constructor.name;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ShapeError(`${name}: ${inChannels} and ${outChannels} channels do not divide into ${groups} groups`);
    }
    this.#dims = dims;
    this.#options = {
      stride: sizesOf(`${name}: stride`, given.stride, dims, 1),
      padding: sizesOf(`${name}: padding`, given.padding, dims, 0),
      outputPadding: sizesOf(`${name}: outputPadding`, given.outputPadding, dims, 0),
      dilation: sizesOf(`${name}: dilation`, given.dilation, dims, 1),
      groups,
    };
    const shape = [inChannels, outChannels / groups, ...sizesOf(`${name}: kernelSize`, kernelSize, dims, 1)];
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((product, size) => product * size, 1));
    this.weight = new Parameter(uniform_(empty(shape), -bound, bound));
    this.bias = given.bias ? new Parameter(uniform_(empty([outChannels]), -bound, bound)) : null;
  }

  forward(x: Tensor): Tensor {
    return FUNCTIONS[this.#dims - 1](x, this.weight, this.bias, this.#options);
  }

  override flops(_: unknown, x: Tensor): number {
    return (2 * x.size * this.weight.size) / this.weight.shape[0];
  }
}

/**
 * Transposed convolution, x: [N, inChannels, L] or [inChannels, L] → [..., outChannels, OL] with
 * OL = (L − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1. weight: [inChannels, outChannels/groups, K]
 * and bias: [outChannels] start uniform in ±1/√(outChannels/groups·K), as in PyTorch.
 */
export class ConvTranspose1d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/** The same in two dimensions: [N, C, H, W] or [C, H, W]; sizes are one number or [height, width]. */
export class ConvTranspose2d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/** The same in three dimensions: [N, C, D, H, W] or [C, D, H, W]; sizes are one number or [depth, height, width]. */
export class ConvTranspose3d extends TransposedConvolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvTransposeLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
