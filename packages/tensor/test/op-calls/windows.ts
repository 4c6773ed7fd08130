import fc, { type Arbitrary } from 'fast-check';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d, adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d } from '../../src/ops/adaptive-pool.ts'; // prettier-ignore
import { convTranspose1d, convTranspose2d } from '../../src/ops/conv-transpose.ts';
import { conv3d, convTranspose3d } from '../../src/ops/conv3d.ts';
import { conv1d, conv2d } from '../../src/ops/convolution.ts';
import { col2im, im2col } from '../../src/ops/fold.ts';
import { interpolate, type InterpolationMode } from '../../src/ops/interpolate.ts';
import { pixelShuffle, pixelUnshuffle } from '../../src/ops/pixel-shuffle.ts';
import { avgPool3d, maxPool3d } from '../../src/ops/pool3d.ts';
import {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
} from '../../src/ops/pooling.ts';
import { sizeOf } from '../../src/shape.ts';
import type { Tensor } from '../../src/tensor.ts';
import { calls, FEW, joined, ofShapes, type Call, type OpCalls, type Space } from './call.ts';

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: number;
}

const isSmall = ({ most }: Space): boolean => most === FEW.most;

/** One spatial dimension with at least one window. */
const axis = (space: Space): Arbitrary<Axis> =>
  fc
    .record({
      kernel: fc.integer({ min: 1, max: isSmall(space) ? 2 : 4 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      padding: fc.nat(2),
      more: isSmall(space) ? fc.nat(1) : fc.oneof(fc.nat(6), fc.constantFrom(14, 17)),
    })
    .map(({ kernel, stride, dilation, padding, more }) => {
      const least = Math.max(1, dilation * (kernel - 1) + 1 - 2 * padding);
      return { kernel, stride, dilation, padding, size: least + more };
    });

const axes = (space: Space, dims: number): Arbitrary<Axis[]> => {
  const most = dims === 3 && !isSmall(space) ? space.most / 10 : space.most; // volumes are slow on the reference
  return fc
    .array(axis(space), { minLength: dims, maxLength: dims })
    .filter((all) => sizeOf(all.map(({ size, padding }) => size + 2 * padding)) <= most);
};

/** No leading dimension for the batch, or one of few images, at times none. */
const batches = fc.constantFrom<number[]>([], [0], [1], [2], [3]);
const channels = (space: Space): Arbitrary<number> =>
  isSmall(space) ? fc.integer({ min: 1, max: 2 }) : fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(8, 17));

const of = <K extends keyof Axis>(all: readonly Axis[], key: K): number[] => all.map((one) => one[key]);

type Convolution = typeof conv2d | typeof convTranspose2d;

const convolution =
  (run: Convolution, dims: number, isTransposed = false) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc
        .record({
          batch: batches,
          along: axes(space, dims),
          groups: fc.constantFrom(1, 1, 2, 3),
          channelsIn: channels(space),
          channelsOut: channels(space),
          hasBias: fc.boolean(),
          outputPadding: fc.nat(1),
        })
        .filter(({ along, channelsIn, channelsOut }) => {
          const positive = along.every(
            ({ size, kernel, stride, dilation, padding }) =>
              !isTransposed || (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 > 0,
          );
          return positive && (!isSmall(space) || channelsIn * channelsOut * sizeOf(of(along, 'kernel')) <= 24);
        }),
      ({ batch, along, groups, channelsIn, channelsOut, hasBias, outputPadding }) => {
        const kernel = of(along, 'kernel');
        const [i, o] = [channelsIn * groups, channelsOut * groups];
        const weight = isTransposed ? [i, channelsOut, ...kernel] : [o, channelsIn, ...kernel];
        const extra = along.map(({ stride, dilation }) => (stride > 1 || dilation > 1 ? outputPadding : 0));
        const options = {
          stride: of(along, 'stride'),
          dilation: of(along, 'dilation'),
          padding: of(along, 'padding'),
          groups,
          ...(isTransposed ? { outputPadding: extra } : {}),
        };
        return {
          inputs: ofShapes([...batch, i, ...of(along, 'size')], weight, ...(hasBias ? [[o]] : [])),
          run: (x, w, b) => run(x, w!, b ?? null, options),
        };
      },
    );

const pooling =
  (isMax: boolean, run: (x: Tensor, kernelSize: number[], options: object) => Tensor, dims: number) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc.record({
        outer: fc.constantFrom([1], [2], [0, 2], [2, 3], [1, 1]),
        along: axes(space, dims),
        ceilMode: fc.boolean(),
        countIncludePad: fc.boolean(),
        divisorOverride: fc.constantFrom(null, null, 3),
      }),
      ({ outer, along, ceilMode, countIncludePad, divisorOverride }) => {
        // No window lies in padding alone, where the greatest element is −∞.
        const padded = along.map(({ kernel, padding, dilation }) =>
          dilation > 1 ? 0 : Math.min(padding, kernel >> 1),
        );
        const sizes = along.map(({ size, kernel, dilation }, d) =>
          Math.max(size, (isMax ? dilation : 1) * (kernel - 1) + 1 - 2 * padded[d]!),
        );
        const options = { stride: of(along, 'stride'), padding: padded, ceilMode };
        const rest = isMax ? { dilation: of(along, 'dilation') } : { countIncludePad, divisorOverride };
        return {
          inputs: ofShapes([...outer, ...sizes]),
          run: (x) => run(x, of(along, 'kernel'), { ...options, ...rest }),
        };
      },
    );

const withIndices = ({ values, indices }: { values: Tensor; indices: Tensor }): Tensor => joined([values, indices]);

const adaptive =
  (run: typeof adaptiveAvgPool2d, dims: number) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc.record({
        outer: fc.constantFrom([1], [2], [0, 2], [2, 3]),
        along: axes(space, dims),
        out: fc.array(fc.option(fc.integer({ min: 1, max: 5 })), { minLength: dims, maxLength: dims }),
      }),
      ({ outer, along, out }) => ({ inputs: ofShapes([...outer, ...of(along, 'size')]), run: (x) => run(x, out) }),
    );

const MODES: readonly InterpolationMode[][] = [
  ['nearest', 'nearest-exact', 'linear'],
  ['nearest', 'nearest-exact', 'bilinear', 'bicubic'],
  ['nearest', 'trilinear'],
];

const resizing = (space: Space, dims: number): Arbitrary<Call> =>
  calls(
    fc.record({
      outer: fc.constantFrom([1, 1], [2, 1], [0, 2], [1, 3]),
      along: axes(space, dims),
      mode: fc.constantFrom(...MODES[dims - 1]!),
      alignCorners: fc.boolean(),
      out: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: dims, maxLength: dims }),
      byScale: fc.boolean(),
    }),
    ({ outer, along, mode, alignCorners, out, byScale }) => ({
      inputs: ofShapes([...outer, ...of(along, 'size')]),
      run: (x) =>
        interpolate(x, {
          mode,
          ...(byScale ? { scaleFactor: out.map((n) => n / 2 + 0.5) } : { size: out }),
          ...(mode.startsWith('nearest') ? {} : { alignCorners }),
        }),
    }),
  );

const folding =
  (isBack: boolean) =>
  (space: Space): Arbitrary<Call> =>
    calls(fc.tuple(batches, channels(space), axes(space, 2)), ([batch, c, along]) => {
      const [size, kernel, stride] = [of(along, 'size'), of(along, 'kernel'), of(along, 'stride')];
      const options = { stride, dilation: of(along, 'dilation'), padding: of(along, 'padding') };
      if (!isBack) return { inputs: ofShapes([...batch, c, ...size]), run: (x) => im2col(x, kernel, options) };
      const counts = along.map((one) => Math.floor((one.size + 2 * one.padding - one.dilation * (one.kernel - 1) - 1) / one.stride) + 1); // prettier-ignore
      return {
        inputs: ofShapes([...batch, c * sizeOf(kernel), sizeOf(counts)]),
        run: (x) => col2im(x, size, kernel, options),
      };
    });

/** Convolutions, pooling and resizing. */
export const windowCalls: OpCalls = {
  adaptiveAvgPool1d: adaptive(adaptiveAvgPool1d, 1),
  adaptiveAvgPool2d: adaptive(adaptiveAvgPool2d, 2),
  adaptiveAvgPool3d: adaptive(adaptiveAvgPool3d, 3),
  adaptiveMaxPool1d: adaptive(adaptiveMaxPool1d, 1),
  adaptiveMaxPool2d: adaptive(adaptiveMaxPool2d, 2),
  adaptiveMaxPool3d: adaptive(adaptiveMaxPool3d, 3),
  avgPool1d: pooling(false, avgPool1d, 1),
  avgPool2d: pooling(false, avgPool2d, 2),
  avgPool3d: pooling(false, avgPool3d, 3),
  col2im: folding(true),
  conv1d: convolution(conv1d, 1),
  conv2d: convolution(conv2d, 2),
  conv3d: convolution(conv3d, 3),
  convTranspose1d: convolution(convTranspose1d, 1, true),
  convTranspose2d: convolution(convTranspose2d, 2, true),
  convTranspose3d: convolution(convTranspose3d, 3, true),
  im2col: folding(false),
  interpolate: (space) => fc.oneof(resizing(space, 1), resizing(space, 2), resizing(space, 3)),
  maxPool1d: pooling(true, maxPool1d, 1),
  maxPool1dWithIndices: pooling(true, (x, k, options) => withIndices(maxPool1dWithIndices(x, k, options)), 1),
  maxPool2d: pooling(true, maxPool2d, 2),
  maxPool2dWithIndices: pooling(true, (x, k, options) => withIndices(maxPool2dWithIndices(x, k, options)), 2),
  maxPool3d: pooling(true, maxPool3d, 3),
  pixelShuffle: ({ some, size }) =>
    calls(
      fc.record({ outer: fc.constantFrom<number[]>([], [2], [0]), c: some, h: size, w: size, r: fc.integer({ min: 1, max: 2 }) }).filter(({ c, h, w }) => c * h * w <= 300), // prettier-ignore
      ({ outer, c, h, w, r }) => ({ inputs: ofShapes([...outer, c * r * r, h, w]), run: (x) => pixelShuffle(x, r) }),
    ),
  pixelUnshuffle: ({ some, size }) =>
    calls(
      fc.record({ outer: fc.constantFrom<number[]>([], [2], [0]), c: some, h: size, w: size, r: fc.integer({ min: 1, max: 2 }) }).filter(({ c, h, w }) => c * h * w <= 300), // prettier-ignore
      ({ outer, c, h, w, r }) => ({ inputs: ofShapes([...outer, c, h * r, w * r]), run: (x) => pixelUnshuffle(x, r) }),
    ),
};
