/** Pooling to a size that is given: window i of o over n elements is ⌊i·n/o⌋ … ⌈(i+1)·n/o⌉ − 1. */
import { ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { max } from './extreme.ts';
import { avgPool3d, maxPool3d } from './pool3d.ts';
import { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from './pooling.ts';
import { mean } from './reduce.ts';
import { pickTaps, sumTaps } from './taps.ts';

/** One size for all spatial dimensions, or one for each; null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[];

/** Mean of each of outputSize windows. x: [N, C, L] or [C, L] → [..., outputSize]. */
export function adaptiveAvgPool1d(x: Tensor, outputSize: OutputSize): Tensor {
  return meanTo('adaptiveAvgPool1d', 1, x, outputSize);
}

/** Mean of each window, outputSize in all. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export function adaptiveAvgPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  return meanTo('adaptiveAvgPool2d', 2, x, outputSize);
}

/** Mean of each window, outputSize in all. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export function adaptiveAvgPool3d(x: Tensor, outputSize: OutputSize): Tensor {
  return meanTo('adaptiveAvgPool3d', 3, x, outputSize);
}

/** Greatest element of each of outputSize windows (the first, if several). x: [N, C, L] or [C, L] → [..., outputSize]. */
export function adaptiveMaxPool1d(x: Tensor, outputSize: OutputSize): Tensor {
  return maxTo('adaptiveMaxPool1d', 1, x, outputSize);
}

/** Greatest element of each window (the first, if several). x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export function adaptiveMaxPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  return maxTo('adaptiveMaxPool2d', 2, x, outputSize);
}

/** Greatest element of each window (the first, if several). x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export function adaptiveMaxPool3d(x: Tensor, outputSize: OutputSize): Tensor {
  return maxTo('adaptiveMaxPool3d', 3, x, outputSize);
}

const MEAN = [avgPool1d, avgPool2d, avgPool3d];
const MAX = [maxPool1d, maxPool2d, maxPool3d];

function meanTo(where: string, dims: number, x: Tensor, outputSize: OutputSize): Tensor {
  const axes = axesOf(where, dims, x, outputSize);
  if (axes.every(({ out }) => out === 1)) {
    return mean(
      x,
      axes.map(({ dim }) => dim),
      true,
    );
  }
  if (axes.every(isEven)) return MEAN[dims - 1](x, axes.map(kernelOf));
  return axes.reduceRight((part, axis) => {
    if (axis.out === axis.size) return part;
    const index = windows(axis);
    return sumTaps(part, axis.dim, { index, weight: index.map(meanWeights) });
  }, x);
}

/** From the last dimension to the first, so that of equal elements the first in row-major order is chosen. */
function maxTo(where: string, dims: number, x: Tensor, outputSize: OutputSize): Tensor {
  const axes = axesOf(where, dims, x, outputSize);
  if (axes.every(isEven)) return MAX[dims - 1](x, axes.map(kernelOf));
  return axes.reduceRight((part, axis) => {
    if (axis.out === axis.size) return part;
    return max(pickTaps(part, axis.dim, windows(axis)), axis.dim + 1).values;
  }, x);
}

interface Axis {
  readonly dim: number;
  readonly size: number;
  readonly out: number;
}

const isEven = ({ size, out }: Axis): boolean => size % out === 0;
const kernelOf = ({ size, out }: Axis): number => size / out;

function axesOf(where: string, dims: number, x: Tensor, outputSize: OutputSize): Axis[] {
  const shape = x.shape;
  const spatial = shape.slice(-dims);
  if ((x.rank !== dims + 1 && x.rank !== dims + 2) || spatial.includes(0)) {
    const letters = ['D', 'H', 'W'].slice(-dims).join(', ');
    throw new ShapeError(`${where}: x must be [N, C, ${letters}] or [C, ${letters}], not empty, got ${show(shape)}`);
  }
  const given = Array.isArray(outputSize) ? (outputSize as readonly (number | null)[]) : null;
  const outs = given ?? spatial.map(() => outputSize as number | null);
  if (outs.length !== dims || !outs.every((out) => out === null || (Number.isInteger(out) && out >= 1))) {
    const several = dims > 1 ? ', or a list of one for each dimension' : '';
    throw new ShapeError(
      `${where}: outputSize must be a whole number from 1 or null${several}, got ${JSON.stringify(outputSize)}`,
    );
  }
  return spatial.map((size, i) => ({ dim: x.rank - dims + i, size, out: outs[i] ?? size }));
}

/** The indices in each window; shorter windows repeat their last one until all are equally long. */
function windows({ size, out }: Axis): number[][] {
  const ends = Array.from({ length: out }, (_, i) => [
    Math.floor((i * size) / out),
    Math.ceil(((i + 1) * size) / out) - 1,
  ]);
  const longest = Math.max(...ends.map(([first, last]) => last - first + 1));
  return ends.map(([first, last]) => Array.from({ length: longest }, (_, t) => Math.min(first + t, last)));
}

/** Weights with which the elements at these indices make their mean; a repeated one shares its weight among its copies. */
function meanWeights(index: readonly number[]): number[] {
  const last = index.at(-1)!;
  const copies = index.filter((i) => i === last).length;
  const length = index.length - copies + 1;
  return index.map((i) => 1 / (i === last ? length * copies : length));
}
