import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelPair, randomValues, VARIANTS } from './kernel-pair.ts';

type Pair = readonly [number, number];

interface Convolution {
  readonly batch: number;
  readonly groups: number;
  readonly groupChannels: number;
  readonly groupOutChannels: number;
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly withBias: boolean;
  readonly accumulate: boolean;
}

const PLAIN = {
  batch: 2,
  groups: 1,
  stride: [1, 1],
  padding: [0, 0],
  dilation: [1, 1],
  withBias: true,
  accumulate: false,
} as const;

function outputSize(c: Convolution): [number, number] {
  const extent = (axis: 0 | 1): number =>
    Math.floor((c.size[axis] + 2 * c.padding[axis] - c.dilation[axis] * (c.kernel[axis] - 1) - 1) / c.stride[axis]) + 1;
  return [extent(0), extent(1)];
}

/** Runs the forward kernel and both gradients against their references. */
function expectConvolution(pair: KernelPair, c: Convolution): void {
  const outSize = outputSize(c);
  const [channels, outChannels] = [c.groups * c.groupChannels, c.groups * c.groupOutChannels];
  const kernelSize = c.kernel[0] * c.kernel[1];
  const count = {
    x: c.batch * channels * c.size[0] * c.size[1],
    w: outChannels * c.groupChannels * kernelSize,
    y: c.batch * outChannels * outSize[0] * outSize[1],
  };
  const geometry = [c.batch, channels, ...c.size, outChannels, ...c.kernel, ...outSize];
  const windows = [...c.stride, ...c.padding, ...c.dilation, c.groups, Number(c.accumulate)];
  const run = (kernel: 'conv2d' | 'conv2dGradInput' | 'conv2dGradWeight', products: number): void => {
    pair.clear();
    const x = pair.place(randomValues(count.x, 1));
    const w = pair.place(randomValues(count.w, 2));
    const bias = pair.place(randomValues(outChannels, 3));
    const y = pair.place(randomValues(count.y, 4));
    const biasGradient = c.withBias ? [{ address: bias, size: outChannels }] : [];
    const outputs = {
      conv2d: [{ address: y, size: count.y }],
      conv2dGradInput: [{ address: x, size: count.x }],
      conv2dGradWeight: [{ address: w, size: count.w }, ...biasGradient],
    };
    const words = [x, w, c.withBias ? bias : 0, y, ...geometry, ...windows];
    pair.expectSame(kernel, words, outputs[kernel], 1e-6 * (products + 4));
  };
  run('conv2d', c.groupChannels * kernelSize);
  run('conv2dGradInput', c.groupOutChannels * kernelSize);
  run('conv2dGradWeight', c.batch * outSize[0] * outSize[1]);
}

const pairOf = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

describe.each(VARIANTS)('convolution, %s', (variant) => {
  const pair = new KernelPair(variant);

  it('gives the reference output and gradients for any stride, padding, dilation and groups', () => {
    const convolution = fc
      .record({
        batch: fc.integer({ min: 0, max: 4 }),
        groups: fc.integer({ min: 1, max: 3 }),
        groupChannels: fc.integer({ min: 1, max: 4 }),
        groupOutChannels: fc.integer({ min: 1, max: 9 }),
        size: pairOf(1, 14),
        kernel: pairOf(1, 5),
        stride: fc.oneof(fc.constant<Pair>([1, 1]), pairOf(1, 3)),
        padding: pairOf(0, 3),
        dilation: fc.oneof(fc.constant<Pair>([1, 1]), pairOf(1, 3)),
        withBias: fc.boolean(),
        accumulate: fc.boolean(),
      })
      .filter((c) => Math.min(...outputSize(c)) > 0);
    fc.assert(
      fc.property(convolution, (c) => expectConvolution(pair, c)),
      { numRuns: 300 },
    );
  });

  it('gives them for 3×3 filters in tiles too, whole and cut off, of one image and of several', () => {
    const convolution = fc
      .record({
        batch: fc.integer({ min: 1, max: 12 }),
        groups: fc.integer({ min: 1, max: 2 }),
        groupChannels: fc.integer({ min: 7, max: 18 }),
        groupOutChannels: fc.integer({ min: 7, max: 18 }),
        size: pairOf(1, 22),
        kernel: fc.constant<Pair>([3, 3]),
        stride: fc.constant<Pair>([1, 1]),
        padding: pairOf(0, 3),
        dilation: fc.constant<Pair>([1, 1]),
        withBias: fc.boolean(),
        accumulate: fc.boolean(),
      })
      .filter((c) => Math.min(...outputSize(c)) > 0);
    fc.assert(
      fc.property(convolution, (c) => expectConvolution(pair, c)),
      { numRuns: 50 },
    );
  });

  it('gives them for planes of every width, with few filters and with many', () => {
    const convolution = fc.record({
      batch: fc.integer({ min: 1, max: 9 }),
      groups: fc.constantFrom(1, 1, 2),
      groupChannels: fc.constantFrom(1, 2, 4, 7),
      groupOutChannels: fc.constantFrom(1, 6, 7, 16, 25, 66),
      size: fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 9, max: 30 })),
      kernel: fc.constantFrom<Pair>([1, 3], [3, 3], [5, 5], [4, 2]),
      stride: fc.constantFrom<Pair>([1, 1], [1, 1], [2, 1], [2, 2]),
      padding: fc.constantFrom<Pair>([0, 0], [2, 2], [1, 3], [0, 6]),
      dilation: fc.constantFrom<Pair>([1, 1], [1, 1], [1, 2]),
      withBias: fc.boolean(),
      accumulate: fc.boolean(),
    });
    fc.assert(
      fc.property(convolution, (c) => expectConvolution(pair, c)),
      { numRuns: 100 },
    );
  });

  it('lets a NaN reach all results whose windows hold it, and none of the tiles that do not read it', () => {
    pair.clear();
    const values = randomValues(4 * 8 * 256, 1);
    values[((1 * 8 + 2) * 16 + 5) * 16 + 5] = NaN; // image 1, channel 2, row 5, column 5
    const [x, w] = [pair.place(values), pair.place(randomValues(8 * 8 * 9, 2))];
    const y = pair.place(new Float32Array(values.length));
    const words = [x, w, 0, y, 4, 8, 16, 16, 8, 3, 3, 16, 16, 1, 1, 1, 1, 1, 1, 1, 0];
    const result = pair.result('conv2d', words, { address: y, size: values.length });
    const places = [...result.keys()].filter((i) => Number.isNaN(result[i]));
    const rows = places.map((i) => (i >> 4) & 15);
    const columns = places.map((i) => i & 15);
    expect(new Set(places.map((i) => i >> 11))).toEqual(new Set([1]));
    expect(Math.min(...rows, ...columns)).toBe(4);
    expect(Math.max(...rows, ...columns)).toBeLessThan(8);
    const seen = rows.filter((row, i) => row < 7 && columns[i]! < 7);
    expect(seen.length).toBe(8 * 9);
  });

  it.each<[string, Partial<Convolution>]>([
    [
      'the first layer of LeNet',
      { groupChannels: 1, groupOutChannels: 6, size: [28, 28], kernel: [5, 5], padding: [2, 2] },
    ],
    ['the second layer of LeNet', { batch: 7, groupChannels: 6, groupOutChannels: 16, size: [14, 14], kernel: [5, 5] }],
    [
      'more than one block of products',
      { groupChannels: 130, groupOutChannels: 7, size: [6, 6], kernel: [3, 3], padding: [1, 1] },
    ],
    ['more than one block of filters', { groupChannels: 70, groupOutChannels: 120, size: [5, 4], kernel: [3, 3] }],
    [
      'planes of more than one block of pixels',
      { batch: 1, groupChannels: 2, groupOutChannels: 3, size: [41, 39], kernel: [3, 3], padding: [1, 1] },
    ],
    [
      'rows of tiles that are blocks by themselves',
      { batch: 1, groupChannels: 9, groupOutChannels: 8, size: [3, 511], kernel: [3, 3], padding: [1, 1] },
    ],
    [
      'tiles of more filters than fit at once',
      { batch: 64, groupChannels: 64, groupOutChannels: 115, size: [2, 4], kernel: [3, 3], padding: [1, 1] },
    ],
    ['1×1 kernels', { groupChannels: 9, groupOutChannels: 14, size: [9, 7], kernel: [1, 1] }],
    ['1×1 kernels on planes of one pixel', { groupChannels: 40, groupOutChannels: 19, size: [1, 1], kernel: [1, 1] }],
    [
      'depthwise filters',
      { groups: 12, groupChannels: 1, groupOutChannels: 1, size: [13, 11], kernel: [3, 3], padding: [1, 1] },
    ],
    ['a kernel as large as its input', { groupChannels: 3, groupOutChannels: 10, size: [9, 8], kernel: [9, 8] }],
    [
      'kernels wholly in the padding',
      { groupChannels: 1, groupOutChannels: 2, size: [3, 3], kernel: [2, 2], padding: [5, 5] },
    ],
    [
      'more taps than scratch holds',
      { batch: 1, groupChannels: 1, groupOutChannels: 2, size: [1, 200_000], kernel: [1, 199_998] },
    ],
    [
      'a window too large for scratch',
      {
        batch: 1,
        groupChannels: 1,
        groupOutChannels: 1,
        size: [2, 1_100_000],
        kernel: [2, 2],
        padding: [0, 1],
        dilation: [1, 1_050_000],
      },
    ],
    [
      'a signal of more than one block',
      {
        batch: 2,
        groupChannels: 3,
        groupOutChannels: 2,
        size: [1, 9_001],
        kernel: [1, 6],
        padding: [0, 4],
        stride: [1, 3],
      },
    ],
  ])('gives the reference output and gradients for %s', (_title, given) => {
    expectConvolution(pair, { ...PLAIN, ...given } as Convolution);
    expectConvolution(pair, { ...PLAIN, ...given, accumulate: true, withBias: false } as Convolution);
  });
});
