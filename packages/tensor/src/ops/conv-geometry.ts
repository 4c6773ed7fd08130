/** Sizes of a convolution: checked, and laid out as the words of the kernels' argument block. */
import { ShapeError } from '../errors.ts';
import { openBlock } from '../kernels/block.ts';
import { show } from '../shape.ts';
import { sizesOf, type Sizes } from '../sizes.ts';

/** Geometry of a convolution; each size is one number, or one for each spatial dimension. */
export interface ConvOptions {
  /** 1 unless given. */
  readonly stride?: Sizes;
  /** Zeros on both sides (0 unless given); 'valid': none; 'same': as many as keep the size, one more at the end if odd. */
  readonly padding?: Sizes | 'same' | 'valid';
  /** Distance between the inputs of one window; 1 unless given. */
  readonly dilation?: Sizes;
  /** Channels are split into so many groups, each with filters of its own; 1 unless given. */
  readonly groups?: number;
}

/** One spatial dimension of a convolution, from its input to its output. */
export interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly out: number;
  readonly stride: number;
  /** Before the first input; what follows the last one is given by `out`. */
  readonly padding: number;
  readonly dilation: number;
}

/** Checks ranks, channels and sizes of x: [N, C, …] and weight: [O, C/groups, …]; `dims` spatial dimensions. */
export function convAxes(
  where: string,
  dims: number,
  x: readonly number[],
  weight: readonly number[],
  options: ConvOptions,
): Axis[] {
  const groups = checkGroups(where, options.groups);
  if (x.length !== dims + 2 || weight.length !== dims + 2) {
    const [spatial, kernel] = [DIMENSIONS.slice(-dims).join(', '), DIMENSIONS.slice(-dims).map((d) => `K${d}`)];
    throw new ShapeError(
      `${where}: x must be [N, C, ${spatial}] and weight [O, C/groups, ${kernel.join(', ')}], got ${show(x)} and ${show(weight)}`,
    );
  }
  if (x[1] !== weight[1] * groups || weight[0] % groups !== 0) {
    throw new ShapeError(
      `${where}: x ${show(x)} has ${x[1]} channels, but weight ${show(weight)} with ${groups} groups takes ${weight[1] * groups}`,
    );
  }
  const axes = spatialAxes(where, x.slice(2), weight.slice(2), options);
  if (axes.some(({ out }) => out < 1)) {
    throw new ShapeError(`${where}: the kernel of weight ${show(weight)} is larger than the padded input ${show(x)}`);
  }
  return axes;
}

const DIMENSIONS = ['D', 'H', 'W'];

export function checkGroups(where: string, groups = 1): number {
  if (Number.isInteger(groups) && groups >= 1) return groups;
  throw new ShapeError(`${where}: groups must be a whole number from 1, got ${groups}`);
}

function spatialAxes(where: string, sizes: number[], kernels: number[], options: ConvOptions): Axis[] {
  const { padding = 0 } = options;
  const stride = sizesOf(`${where}: stride`, options.stride ?? 1, sizes.length, 1);
  const dilation = sizesOf(`${where}: dilation`, options.dilation ?? 1, sizes.length, 1);
  if (padding === 'same' && stride.some((step) => step !== 1)) {
    throw new ShapeError(`${where}: padding 'same' needs stride 1, got ${show(stride)}`);
  }
  const reach = kernels.map((kernel, d) => dilation[d] * (kernel - 1));
  const before = typeof padding === 'string' ? null : sizesOf(`${where}: padding`, padding, sizes.length, 0);
  return sizes.map((size, d) => {
    const pad = before ? before[d] : padding === 'same' ? Math.floor(reach[d] / 2) : 0;
    const out = padding === 'same' ? size : Math.floor((size + 2 * pad - reach[d] - 1) / stride[d]) + 1;
    return { size, kernel: kernels[d], out, stride: stride[d], padding: pad, dilation: dilation[d] };
  });
}

/** Words 4 to 19 of the argument block (assembly/conv.ts) for one or two spatial dimensions. */
export function convWords(
  batch: number,
  channels: number,
  outChannels: number,
  axes: readonly Axis[],
  groups: number,
): readonly number[] {
  const [h, w] = axes.length === 1 ? [POINT, axes[0]] : axes;
  return [
    ...[batch, channels, h.size, w.size, outChannels, h.kernel, w.kernel, h.out, w.out],
    ...[h.stride, w.stride, h.padding, w.padding, h.dilation, w.dilation, groups],
  ];
}

const POINT: Axis = { size: 1, kernel: 1, out: 1, stride: 1, padding: 0, dilation: 1 };

/** Writes addresses and geometry into the argument block; x and y as the forward convolution has them. */
export function bindConvolution(
  x: number,
  weight: number,
  bias: number,
  y: number,
  geometry: readonly number[],
): Uint32Array {
  const words = openBlock();
  words[0] = x;
  words[1] = weight;
  words[2] = bias;
  words[3] = y;
  words.set(geometry, 4);
  words[20] = 0;
  return words;
}
