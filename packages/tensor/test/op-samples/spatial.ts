import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from '../../src/ops/adaptive-pool.ts';
import { convTranspose1d, convTranspose2d } from '../../src/ops/conv-transpose.ts';
import { conv3d, convTranspose3d } from '../../src/ops/conv3d.ts';
import { conv1d, conv2d } from '../../src/ops/convolution.ts';
import { col2im, im2col } from '../../src/ops/fold.ts';
import { interpolate } from '../../src/ops/interpolate.ts';
import { pixelShuffle, pixelUnshuffle } from '../../src/ops/pixel-shuffle.ts';
import { avgPool3d, maxPool3d } from '../../src/ops/pool3d.ts';
import { avgPool1d, maxPool1d, maxPool1dWithIndices, maxPool2dWithIndices } from '../../src/ops/pooling.ts';
import type { OpSample } from './sample.ts';

const shapes = (...all: number[][]): OpSample['inputs'] => all.map((shape) => ({ shape }));

/** Convolutions and pooling in one and three dimensions, transposed convolutions, padding and windows. */
export const spatialSamples: readonly OpSample[] = [
  {
    op: 'conv1d',
    title: 'strided, padded',
    inputs: shapes([2, 3, 7], [2, 3, 3], [2]),
    run: (x, w, b) => conv1d(x, w, b, { stride: 2, padding: 1 }),
  },
  {
    op: 'conv1d',
    title: 'one signal, as wide as before',
    inputs: shapes([2, 6], [2, 1, 4]),
    run: (x, w) => conv1d(x, w, null, { padding: 'same', groups: 2 }),
  },
  {
    op: 'conv2d',
    title: 'one image',
    inputs: shapes([2, 4, 5], [3, 2, 2, 3], [3]),
    run: (x, w, b) => conv2d(x, w, b, { padding: 'same', dilation: [1, 2] }),
  },
  {
    op: 'conv3d',
    title: 'strided, padded, dilated',
    inputs: shapes([2, 2, 4, 4, 3], [2, 2, 2, 3, 2], [2]),
    run: (x, w, b) => conv3d(x, w, b, { stride: [2, 1, 1], padding: [1, 1, 0], dilation: [2, 1, 1] }),
  },
  {
    op: 'conv3d',
    title: 'one volume, groups',
    inputs: shapes([2, 3, 3, 3], [2, 1, 2, 2, 2]),
    run: (x, w) => conv3d(x, w, null, { padding: 'same', groups: 2 }),
  },
  {
    op: 'convTranspose1d',
    title: 'strided',
    inputs: shapes([2, 2, 4], [2, 3, 3], [3]),
    run: (x, w, b) => convTranspose1d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
  },
  {
    op: 'convTranspose2d',
    title: 'groups, dilated, permuted',
    inputs: shapes([3, 2, 4, 1], [4, 1, 2, 3], [2]),
    run: (x, w, b) => convTranspose2d(x.permute([3, 2, 1, 0]), w, b, { groups: 2, stride: [1, 2], dilation: [2, 1] }),
  },
  {
    op: 'convTranspose1d',
    title: 'single weights, and an end that none of them reaches',
    inputs: shapes([1, 3], [1, 8, 1]),
    run: (x, w) => convTranspose1d(x, w, null, { dilation: 2, outputPadding: 1 }),
  },
  {
    op: 'convTranspose2d',
    title: 'one image',
    inputs: shapes([2, 3, 2], [2, 2, 2, 2]),
    run: (x, w) => convTranspose2d(x, w),
  },
  {
    op: 'convTranspose2d',
    title: 'no images',
    inputs: shapes([0, 2, 3, 2], [2, 2, 2, 2], [2]),
    run: (x, w, b) => convTranspose2d(x, w, b),
  },
  {
    op: 'convTranspose3d',
    title: 'strided, padded',
    inputs: shapes([1, 2, 2, 2, 3], [2, 2, 3, 2, 2], [2]),
    run: (x, w, b) => convTranspose3d(x, w, b, { stride: [2, 1, 2], padding: [1, 0, 1], outputPadding: [1, 0, 0] }),
  },
  {
    op: 'maxPool1d',
    title: 'dilated',
    inputs: shapes([2, 2, 9]),
    run: (x) => maxPool1d(x, 3, { stride: 2, padding: 1, dilation: 2 }),
  },
  {
    op: 'maxPool1dWithIndices',
    title: 'values and indices',
    inputs: shapes([2, 7]),
    run: (x) => {
      const { values, indices } = maxPool1dWithIndices(x, 3, { stride: 2, padding: 1 });
      return values.mul(indices.to(values.dtype));
    },
  },
  {
    op: 'maxPool2dWithIndices',
    title: 'values and indices',
    inputs: shapes([1, 2, 4, 5]),
    run: (x) => {
      const { values, indices } = maxPool2dWithIndices(x, [2, 3], { stride: 1 });
      return values.mul(indices.to(values.dtype));
    },
  },
  {
    op: 'maxPool3d',
    title: 'overlapping',
    inputs: shapes([1, 2, 4, 3, 5]),
    run: (x) => maxPool3d(x, [2, 3, 2], { stride: 1, padding: [1, 1, 0] }),
  },
  {
    op: 'avgPool1d',
    title: 'padding not counted',
    inputs: shapes([2, 7]),
    run: (x) => avgPool1d(x, 3, { stride: 2, padding: 1, countIncludePad: false, ceilMode: true }),
  },
  {
    op: 'avgPool3d',
    title: 'with a divisor',
    inputs: shapes([2, 3, 4, 3]),
    run: (x) => avgPool3d(x, 2, { stride: 1, padding: 1, divisorOverride: 3 }),
  },
  {
    op: 'avgPool3d',
    title: 'padding not counted',
    inputs: shapes([1, 2, 3, 4, 3]),
    run: (x) => avgPool3d(x, 2, { padding: 1, countIncludePad: false, ceilMode: true }),
  },
  ...[
    { op: 'adaptiveAvgPool1d', pool: adaptiveAvgPool1d },
    { op: 'adaptiveMaxPool1d', pool: adaptiveMaxPool1d },
  ].flatMap(({ op, pool }): OpSample[] => [
    { op, title: 'equal windows', inputs: shapes([2, 3, 6]), run: (x) => pool(x, 3) },
    { op, title: 'windows that overlap', inputs: shapes([3, 7]), run: (x) => pool(x, 5) },
    { op, title: 'more windows than elements', inputs: shapes([1, 2, 3]), run: (x) => pool(x, 7) },
    { op, title: 'one window', inputs: shapes([2, 3, 7]), run: (x) => pool(x, 1) },
  ]),
  ...[
    { op: 'adaptiveAvgPool2d', pool: adaptiveAvgPool2d },
    { op: 'adaptiveMaxPool2d', pool: adaptiveMaxPool2d },
  ].flatMap(({ op, pool }): OpSample[] => [
    { op, title: 'equal windows', inputs: shapes([2, 2, 4, 6]), run: (x) => pool(x, [2, 3]) },
    { op, title: 'unequal windows', inputs: shapes([2, 5, 4]), run: (x) => pool(x, [2, 3]) },
    { op, title: 'one dimension kept', inputs: shapes([1, 2, 3, 5]), run: (x) => pool(x, [null, 2]) },
    { op, title: 'one window', inputs: shapes([2, 2, 3, 5]), run: (x) => pool(x, 1) },
    { op, title: 'no images', inputs: shapes([0, 2, 3, 5]), run: (x) => pool(x, 2) },
  ]),
  ...[
    { op: 'adaptiveAvgPool3d', pool: adaptiveAvgPool3d },
    { op: 'adaptiveMaxPool3d', pool: adaptiveMaxPool3d },
  ].flatMap(({ op, pool }): OpSample[] => [
    { op, title: 'equal windows', inputs: shapes([1, 2, 2, 4, 2]), run: (x) => pool(x, [1, 2, 2]) },
    { op, title: 'unequal windows', inputs: shapes([2, 3, 4, 2]), run: (x) => pool(x, [2, 3, null]) },
  ]),
  { op: 'pad', title: 'mirrored', inputs: shapes([2, 3, 4]), run: (x) => x.pad([2, 1, 0, 2], { mode: 'reflect' }) },
  {
    op: 'pad',
    title: 'the border repeated',
    inputs: shapes([2, 3]),
    run: (x) => x.pad([2, 1, 0, 3], { mode: 'replicate' }),
  },
  {
    op: 'pad',
    title: 'round and round',
    inputs: shapes([2, 3]),
    run: (x) => x.pad([3, 1, 2, 0], { mode: 'circular' }),
  },
  { op: 'pad', title: 'cut off', inputs: shapes([3, 4]), run: (x) => x.pad([-1, 2, 1, -1], { value: 2 }) },
  { op: 'pixelShuffle', title: 'images', inputs: shapes([2, 8, 2, 3]), run: (x) => pixelShuffle(x, 2) },
  { op: 'pixelShuffle', title: 'one image', inputs: shapes([9, 1, 2]), run: (x) => pixelShuffle(x, 3) },
  { op: 'pixelUnshuffle', title: 'images', inputs: shapes([2, 2, 4, 6]), run: (x) => pixelUnshuffle(x, 2) },
  {
    op: 'interpolate',
    title: 'nearest',
    inputs: shapes([2, 2, 3, 5]),
    run: (x) => interpolate(x, { size: [7, 3] }),
  },
  {
    op: 'interpolate',
    title: 'nearest to the middle',
    inputs: shapes([1, 2, 3, 2, 2]),
    run: (x) => interpolate(x, { scaleFactor: [2, 1.5, 1], mode: 'nearest-exact' }),
  },
  {
    op: 'interpolate',
    title: 'linear',
    inputs: shapes([2, 2, 5]),
    run: (x) => interpolate(x, { scaleFactor: 1.5, mode: 'linear' }),
  },
  {
    op: 'interpolate',
    title: 'bilinear, corners aligned',
    inputs: shapes([1, 2, 3, 4]),
    run: (x) => interpolate(x, { size: [5, 1], mode: 'bilinear', alignCorners: true }),
  },
  {
    op: 'interpolate',
    title: 'bicubic',
    inputs: shapes([1, 2, 3, 4]),
    run: (x) => interpolate(x, { scaleFactor: 2, mode: 'bicubic' }),
  },
  {
    op: 'interpolate',
    title: 'trilinear, no volumes',
    inputs: shapes([0, 2, 2, 3, 2]),
    run: (x) => interpolate(x, { scaleFactor: 2, mode: 'trilinear' }),
  },
  {
    op: 'im2col',
    title: 'strided, padded, dilated',
    inputs: shapes([2, 2, 4, 5]),
    run: (x) => im2col(x, [2, 3], { stride: [2, 1], padding: 1, dilation: [1, 2] }),
  },
  { op: 'im2col', title: 'one image', inputs: shapes([2, 3, 3]), run: (x) => im2col(x, 2) },
  {
    op: 'col2im',
    title: 'strided, padded, dilated',
    inputs: shapes([2, 12, 9]),
    run: (x) => col2im(x, [4, 5], [2, 3], { stride: [2, 1], padding: 1, dilation: [1, 2] }),
  },
  { op: 'col2im', title: 'one image', inputs: shapes([8, 4]), run: (x) => col2im(x, 3, 2) },
  { op: 'unfold', title: 'overlapping windows', inputs: shapes([2, 7]), run: (x) => x.unfold(1, 3, 2) },
];
