/** Pooling in one and two dimensions: the greatest element of each window, or its mean. */
import { record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsNothing } from '../autograd/versions.ts';
import { ShapeError } from '../errors.ts';
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import type { Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { gather } from './gather.ts';
import { reshape } from './reshape.ts';
import { poolAxes, pooledShape, poolWords, type PoolOptions } from './pool-geometry.ts';
import type { Sizes } from '../sizes.ts';
import type { Picked } from './sort.ts';

export interface MaxPoolOptions extends PoolOptions {
  /** Distance between the elements of one window; 1 unless given. */
  readonly dilation?: Sizes;
}

export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts in the divisor; it does unless false is given. */
  readonly countIncludePad?: boolean;
  /** A fixed divisor instead of the window's size; null: none. */
  readonly divisorOverride?: number | null;
}

/** Greatest element of each window (the first, if several); padding is −∞. x: [N, C, L] or [C, L] → [..., OL]. */
export function maxPool1d(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxOfWindows('maxPool1d', 1, x, kernelSize, options).values;
}

/** maxPool1d, and where in its signal each greatest element is (int32). */
export function maxPool1dWithIndices(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Picked {
  return maxOfWindows('maxPool1dWithIndices', 1, x, kernelSize, options);
}

/** Greatest element of each window (the first, if several); padding is −∞. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export function maxPool2d(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  return maxOfWindows('maxPool2d', 2, x, kernelSize, options).values;
}

/** maxPool2d, and where in its plane, rows one behind the other, each greatest element is (int32). */
export function maxPool2dWithIndices(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Picked {
  return maxOfWindows('maxPool2dWithIndices', 2, x, kernelSize, options);
}

function maxOfWindows(where: string, dims: number, x: Tensor, kernelSize: Sizes, options: MaxPoolOptions): Picked {
  const axes = poolAxes(where, dims, x.shape, kernelSize, options);
  const shape = pooledShape(x.shape, axes);
  const [out, index, source] = [Tensor.empty(shape, x.dtype), Tensor.empty(shape, 'int32'), rowMajor(x)];
  const geometry = poolWords(x.shape, axes);
  const kernels = kernelsFor(x.dtype);
  const words = openBlock();
  words[0] = source.address;
  words[1] = out.address;
  words[2] = index.address;
  words.set(geometry, 3);
  kernels.maxPool2d(block);
  const values = record(out, maxPoolGradient, [x], { index, geometry });
  const settings = { axes, options };
  return { values: noted(values, 'maxPool', [x], settings), indices: noted(index, 'maxPoolPlaces', [x], settings) };
}
function maxPoolGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { index, geometry } = saved as { index: Tensor; geometry: number[] };
  const [dy, dx] = [rowMajor(grad), Tensor.empty(x.shape, x.dtype)];
  const [planes, h, w, oh, ow] = geometry;
  const kernels = kernelsFor(x.dtype);
  const words = openBlock();
  words[0] = dy.address;
  words[1] = index.address;
  words[2] = dx.address;
  words[3] = planes;
  words[4] = h * w;
  words[5] = oh * ow;
  kernels.maxPool2dGrad(block);
  return [record(dx, maxPoolBackGradient, [grad], saved)];
}
/** The gradient goes to the elements that were chosen; its transpose picks them. */
function maxPoolBackGradient(grad: Tensor, { inputs: [dy], saved }: Node): Tensor[] {
  const { index, geometry } = saved as { index: Tensor; geometry: number[] };
  const [planes, h, w, oh, ow] = geometry;
  return [reshape(gather(reshape(grad, [planes, h * w]), 1, reshape(index, [planes, oh * ow])), dy.shape)];
}

/** Mean of each window. x: [N, C, L] or [C, L] → [..., OL]. */
export function avgPool1d(x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return meanOfWindows('avgPool1d', 1, x, kernelSize, options);
}

/** Mean of each window. x: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export function avgPool2d(x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  return meanOfWindows('avgPool2d', 2, x, kernelSize, options);
}

function meanOfWindows(where: string, dims: number, x: Tensor, kernelSize: Sizes, options: AvgPoolOptions): Tensor {
  const { countIncludePad = true } = options;
  const axes = poolAxes(where, dims, x.shape, kernelSize, options);
  const divisor = checkDivisor(where, options.divisorOverride ?? null);
  const geometry = [...poolWords(x.shape, axes).slice(0, -2), Number(countIncludePad), divisor ?? 0];
  return noted(meansOf(x, pooledShape(x.shape, axes), geometry), 'avgPool', [x], { axes, options });
}

function meansOf(x: Tensor, shape: Shape, geometry: readonly number[]): Tensor {
  const [out, source] = [Tensor.empty(shape, x.dtype), rowMajor(x)];
  const kernels = kernelsFor(x.dtype);
  bindMean(source, out, geometry);
  kernels.avgPool2d(block);
  return record(out, avgPoolGradient, [x], geometry);
}
function avgPoolGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [dy, dx] = [rowMajor(grad), Tensor.empty(x.shape, x.dtype)];
  const kernels = kernelsFor(x.dtype);
  bindMean(dx, dy, saved as number[]);
  kernels.avgPool2dGrad(block);
  return [record(dx, avgPoolBackGradient, [grad], saved)];
}
function avgPoolBackGradient(grad: Tensor, { inputs: [dy], saved }: Node): Tensor[] {
  return [meansOf(grad, dy.shape, saved as number[])];
}

function bindMean(x: Tensor, y: Tensor, geometry: readonly number[]): void {
  const words = openBlock();
  words[0] = x.address;
  words[1] = y.address;
  words.set(geometry, 3);
}

/** Throws unless the divisor is null or a whole number from 1. */
export function checkDivisor(where: string, divisor: number | null): number | null {
  if (divisor === null || (Number.isInteger(divisor) && divisor >= 1)) return divisor;
  throw new ShapeError(`${where}: divisorOverride must be a whole number from 1, or null, got ${divisor}`);
}

readsNothing(maxPoolGradient, maxPoolBackGradient, avgPoolGradient, avgPoolBackGradient);
