import { record, type Node } from '../autograd.ts';
import { ShapeError } from '../errors.ts';
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import type { Pair } from './convolution.ts';

/** Geometry of pooling windows; [height, width]. */
export interface Pool2dOptions {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  /** Round the output size up, as long as the last window starts inside the input or its left padding. */
  readonly ceilMode: boolean;
}

export interface MaxPool2dOptions extends Pool2dOptions {
  readonly dilation: Pair;
}

export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether padding counts in the divisor. */
  readonly countIncludePad: boolean;
  /** A fixed divisor instead of the window's size; 0: none. */
  readonly divisorOverride: number;
}

/** Largest element of each window (the first, if several); padding is −∞. x: [N, C, H, W] → [N, C, OH, OW]. */
export function maxPool2d(x: Tensor, options: MaxPool2dOptions): Tensor {
  const shape = outputShape('maxPool2d', x, options, options.dilation);
  const [out, index, source] = [Tensor.empty(shape, x.dtype), Tensor.empty(shape, 'int32'), rowMajor(x)];
  const kernels = kernelsFor(x.dtype);
  const words = openBlock();
  words[0] = source.address;
  words[1] = out.address;
  words[2] = index.address;
  bindWindows(words, x, shape, options);
  words[14] = options.dilation[0];
  words[15] = options.dilation[1];
  kernels.maxPool2d(block);
  return record(out, maxPool2dGradient, [x], index);
}
function maxPool2dGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [dy, index, dx] = [rowMajor(grad), saved as Tensor, Tensor.empty(x.shape, x.dtype)];
  const kernels = kernelsFor(x.dtype);
  const words = openBlock();
  words[0] = dy.address;
  words[1] = index.address;
  words[2] = dx.address;
  words[3] = x.shape[0] * x.shape[1];
  words[4] = x.shape[2] * x.shape[3];
  words[5] = dy.shape[2] * dy.shape[3];
  kernels.maxPool2dGrad(block);
  return [dx];
}

/** Mean of each window. x: [N, C, H, W] → [N, C, OH, OW]. */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  const shape = outputShape('avgPool2d', x, options, [1, 1]);
  const [out, source] = [Tensor.empty(shape, x.dtype), rowMajor(x)];
  const kernels = kernelsFor(x.dtype);
  bindAverage(source, out, options);
  kernels.avgPool2d(block);
  return record(out, avgPool2dGradient, [x], options);
}
function avgPool2dGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [dy, dx] = [rowMajor(grad), Tensor.empty(x.shape, x.dtype)];
  const kernels = kernelsFor(x.dtype);
  bindAverage(dx, dy, saved as AvgPool2dOptions);
  kernels.avgPool2dGrad(block);
  return [dx];
}

function bindAverage(x: Tensor, y: Tensor, options: AvgPool2dOptions): void {
  const words = openBlock();
  words[0] = x.address;
  words[1] = y.address;
  bindWindows(words, x, y.shape, options);
  words[14] = Number(options.countIncludePad);
  words[15] = options.divisorOverride;
}

/** Planes, input and output sizes, kernel, stride and padding, from word 3 on. */
function bindWindows(words: Uint32Array, x: Tensor, shape: readonly number[], options: Pool2dOptions): void {
  const { kernelSize, stride, padding } = options;
  words.set([x.shape[0] * x.shape[1], x.shape[2], x.shape[3], shape[2], shape[3]], 3);
  words.set([...kernelSize, ...stride, ...padding], 8);
}

function outputShape(where: string, x: Tensor, options: Pool2dOptions, dilation: Pair): number[] {
  const { kernelSize, padding } = options;
  if (x.rank !== 4) throw new ShapeError(`${where}: x must be [N, C, H, W], got ${show(x.shape)}`);
  if (padding[0] * 2 > kernelSize[0] || padding[1] * 2 > kernelSize[1]) {
    throw new ShapeError(`${where}: padding ${show(padding)} is more than half of the kernel ${show(kernelSize)}`);
  }
  const sizes = [0, 1].map((d) => windowCount(x.shape[2 + d], d, options, dilation[d]));
  if (sizes.some((size) => size < 1)) {
    throw new ShapeError(`${where}: the window ${show(kernelSize)} is larger than the padded input ${show(x.shape)}`);
  }
  return [x.shape[0], x.shape[1], ...sizes];
}

function windowCount(
  size: number,
  d: number,
  { kernelSize, stride, padding, ceilMode }: Pool2dOptions,
  dilation: number,
): number {
  const room = size + 2 * padding[d] - dilation * (kernelSize[d] - 1) - 1;
  const count = (ceilMode ? Math.ceil(room / stride[d]) : Math.floor(room / stride[d])) + 1;
  return ceilMode && (count - 1) * stride[d] >= size + padding[d] ? count - 1 : count;
}
