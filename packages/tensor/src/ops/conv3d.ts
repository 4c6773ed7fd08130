/**
 * Convolutions in three dimensions, made of two-dimensional ones: the kernel's depth is laid into the channels, so that
 * weight: [O, C/groups, KD, KH, KW] is [O, C/groups·KD, KH, KW] as it lies, and each slice of the result is an image.
 */
import { noted } from '../autograd/trace.ts';
import { add } from './arithmetic.ts';
import { convAxes, type Axis, type ConvOptions } from './conv-geometry.ts';
import { convTranspose2d, transposedAxes, type ConvTransposeOptions } from './conv-transpose.ts';
import { conv2d } from './convolution.ts';
import { pad } from './pad.ts';
import { checkBias } from './layer-operands.ts';
import { contiguous, narrow, permute, reshape, squeeze, unsqueeze } from './reshape.ts';
import { sumWindows, windowsOf } from './windows.ts';
import type { Tensor } from '../tensor.ts';

/** Three-dimensional cross-correlation. x: [N, C, D, H, W] or [C, D, H, W], weight: [O, C/groups, KD, KH, KW]; see conv1d. */
export function conv3d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: ConvOptions = {}): Tensor {
  if (x.rank === 4) return squeeze(conv3d(unsqueeze(x, 0), weight, bias, options), 0);
  const axes = convAxes('conv3d', 3, x.shape, weight.shape, options);
  const [depth, ...plane] = axes;
  const [n, c, , h, w] = x.shape;
  const slices = permute(depthWindows(x, depth), [0, 2, 1, 5, 3, 4]);
  const y = conv2d(reshape(slices, [n * depth.out, c * depth.kernel, h, w]), foldDepth(weight), bias, {
    ...alongPlane(plane),
    padding: options.padding === 'same' ? 'same' : plane.map(({ padding }) => padding),
    groups: options.groups ?? 1,
  });
  const out = contiguous(permute(reshape(y, [n, depth.out, ...y.shape.slice(1)]), [0, 2, 1, 3, 4]));
  return noted(out, 'convolution', [x, weight, bias], { axes, options });
}

/** Transposed convolution in three dimensions. x: [N, C, D, H, W] or [C, D, H, W], weight: [C, O/groups, KD, KH, KW]. */
export function convTranspose3d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor {
  if (x.rank === 4) return squeeze(convTranspose3d(unsqueeze(x, 0), weight, bias, options), 0);
  const axes = transposedAxes('convTranspose3d', 3, x.shape, weight.shape, options);
  const [depth, ...plane] = axes;
  const [n, c, d, h, w] = x.shape;
  const groups = options.groups ?? 1;
  const outChannels = weight.shape[1] * groups;
  checkBias('convTranspose3d', bias, outChannels);
  const images = reshape(permute(x, [0, 2, 1, 3, 4]), [n * d, c, h, w]);
  const added = plane.map((axis) => addedAtEnd(axis));
  const y = convTranspose2d(images, foldDepth(weight), null, {
    ...alongPlane(plane),
    padding: plane.map(({ padding }) => padding),
    outputPadding: added,
    groups,
  });
  const windows = permute(reshape(y, [n, d, outChannels, depth.kernel, ...y.shape.slice(2)]), [0, 2, 1, 4, 5, 3]);
  const { padding, size } = depth;
  const whole = sumWindows(windows, inDepth(depth), size + 2 * padding);
  const sums = contiguous(narrow(whole, 2, padding, size));
  const out = bias ? add(sums, reshape(bias, [outChannels, 1, 1, 1])) : sums;
  return noted(out, 'convTranspose', [x, weight, bias], { axes, options });
}

/** [N, C, OD, H, W, KD]: the slices that each slice of the result needs. */
function depthWindows(x: Tensor, depth: Axis): Tensor {
  const after = (depth.out - 1) * depth.stride + (depth.kernel - 1) * depth.dilation + 1 - depth.size - depth.padding;
  const needsPadding = depth.padding > 0 || after > 0;
  return windowsOf(needsPadding ? pad(x, [0, 0, 0, 0, depth.padding, Math.max(after, 0)]) : x, inDepth(depth));
}

function inDepth({ out, kernel, stride, dilation }: Axis) {
  return { dim: 2, count: out, size: kernel, step: stride, dilation };
}

function alongPlane(plane: readonly Axis[]) {
  return { stride: plane.map(({ stride }) => stride), dilation: plane.map(({ dilation }) => dilation) };
}

/** [A, B, KD, KH, KW] → [A, B·KD, KH, KW]. */
function foldDepth(weight: Tensor): Tensor {
  const [a, b, kd, kh, kw] = weight.shape;
  return reshape(weight, [a, b * kd, kh, kw]);
}

/** outputPadding, from the sizes it led to. */
function addedAtEnd({ size, out, kernel, stride, padding, dilation }: Axis): number {
  return size - ((out - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1);
}
