/** Convolution layers in one, two and three dimensions. */
import {
  conv1d,
  conv2d,
  conv3d,
  empty,
  pad,
  ShapeError,
  type PaddingMode,
  sizesOf,
  type Sizes,
  type Tensor,
} from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

export interface ConvLayerOptions {
  stride?: Sizes;
  /** Before and after each dimension; 'same' keeps the size (stride 1 only), 'valid' adds nothing. */
  padding?: Sizes | 'same' | 'valid';
  dilation?: Sizes;
  groups?: number;
  bias?: boolean;
  /** What padding holds. */
  paddingMode?: 'zeros' | Exclude<PaddingMode, 'constant'>;
}

const FUNCTIONS = [conv1d, conv2d, conv3d];

/** What convolution layers share; `dims` spatial dimensions. */
abstract class Convolution extends Module {
  static {
    keepsNothing(this);
  }

  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly #dims: number;
  readonly #options: {
    stride: readonly number[];
    padding: Sizes | 'same';
    dilation: readonly number[];
    groups: number;
  };
  /** Padding that is not made of zeros, as pad takes it; null where there is none. */
  readonly #border: { sides: readonly number[]; mode: PaddingMode } | null = null;

  constructor(dims: number, inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions) {
    super();
    const given = this.withDefaults(options, {
      stride: 1 as Sizes,
      padding: 0 as Sizes | 'same' | 'valid',
      dilation: 1 as Sizes,
      groups: 1,
      bias: true,
      paddingMode: 'zeros' as NonNullable<ConvLayerOptions['paddingMode']>,
    });
    const { groups, paddingMode } = given;
    const name = this.constructor.name;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ShapeError(`${name}: ${inChannels} and ${outChannels} channels do not divide into ${groups} groups`);
    }
    if (!['zeros', 'reflect', 'replicate', 'circular'].includes(paddingMode)) {
      throw new ShapeError(
        `${name}: paddingMode must be zeros, reflect, replicate or circular, got ${JSON.stringify(paddingMode)}`,
      );
    }
    const kernel = sizesOf(`${name}: kernelSize`, kernelSize, dims, 1);
    const stride = sizesOf(`${name}: stride`, given.stride, dims, 1);
    const dilation = sizesOf(`${name}: dilation`, given.dilation, dims, 1);
    const padding = checkPadding(name, given.padding, dims, stride);
    this.#dims = dims;
    this.#options = { stride, padding, dilation, groups };
    if (paddingMode !== 'zeros') {
      this.#border = { sides: sidesOf(padding, kernel, dilation), mode: paddingMode };
      this.#options.padding = 0;
    }
    const shape = [outChannels, inChannels / groups, ...kernel];
    const bound = 1 / Math.sqrt(shape.slice(1).reduce((product, size) => product * size, 1));
    this.weight = new Parameter(uniform_(empty(shape), -bound, bound));
    this.bias = given.bias ? new Parameter(uniform_(empty([outChannels]), -bound, bound)) : null;
  }

  forward(x: Tensor): Tensor {
    const source = this.#border ? pad(x, this.#border.sides, { mode: this.#border.mode }) : x;
    return FUNCTIONS[this.#dims - 1](source, this.weight, this.bias, this.#options);
  }

  override flops(y: Tensor): number {
    return (2 * y.size * this.weight.size) / this.weight.shape[0];
  }
}

function checkPadding(
  name: string,
  padding: Sizes | 'same' | 'valid',
  dims: number,
  stride: readonly number[],
): readonly number[] | 'same' {
  if (padding === 'valid') return new Array<number>(dims).fill(0);
  if (padding !== 'same') return sizesOf(`${name}: padding`, padding, dims, 0);
  if (stride.every((step) => step === 1)) return padding;
  throw new ShapeError(`${name}: padding 'same' needs stride 1, got ${JSON.stringify(stride)}`);
}

/** Padding as pad takes it: the last dimension first, before and after. */
function sidesOf(
  padding: readonly number[] | 'same',
  kernel: readonly number[],
  dilation: readonly number[],
): readonly number[] {
  const sides = kernel.map((size, d) => {
    if (padding !== 'same') return [padding[d], padding[d]];
    const total = dilation[d] * (size - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return sides.toReversed().flat();
}

/**
 * One-dimensional convolution (cross-correlation), x: [N, inChannels, L] or [inChannels, L] → [..., outChannels, OL] with
 * OL = ⌊(L + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1. weight: [outChannels, inChannels/groups, K] and
 * bias: [outChannels] start uniform in ±1/√(inputs of one output), as in PyTorch.
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options);
  }
}

/** The same in two dimensions: [N, C, H, W] or [C, H, W]; sizes are one number or [height, width]. */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options);
  }
}

/** The same in three dimensions: [N, C, D, H, W] or [C, D, H, W]; sizes are one number or [depth, height, width]. */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvLayerOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options);
  }
}
