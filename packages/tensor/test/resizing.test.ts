import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { full, ones, tensor, zeros } from '../src/create.ts';
import { ShapeError } from '../src/errors.ts';
import '../src/methods.ts';
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
} from '../src/ops/adaptive-pool.ts';
import { interpolate, type InterpolateOptions } from '../src/ops/interpolate.ts';
import { pixelShuffle, pixelUnshuffle } from '../src/ops/pixel-shuffle.ts';
import { randn } from '../src/random/default-generator.ts';
import type { Tensor } from '../src/tensor.ts';

const SIGNAL = [1, 2, 4, 8, 16];
const resized = (options: InterpolateOptions): number[] => [
  ...interpolate(tensor([[SIGNAL]], { dtype: 'float64' }), options).data(),
];
const expectClose = (actual: Tensor | number[], expected: readonly number[]): void => {
  const values = Array.isArray(actual) ? actual : [...actual.data()];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
};

describe('interpolate gives what PyTorch 1.13 computed', () => {
  it('for places that follow from scaleFactor, from the sizes, or from aligned corners', () => {
    const linear = { scaleFactor: 1.3, mode: 'linear' } as const;
    expectClose(resized(linear), [1, 1.6538461, 2.8461537, 4.7692308, 7.8461542, 13.8461543]);
    expectClose(resized({ ...linear, recomputeScaleFactor: true }), [1, 1.75, 3.1666665, 5.666666, 10, 16]);
    expectClose(resized({ ...linear, alignCorners: true }), [1, 1.8, 3.2, 5.6, 9.6, 16]);
  });

  it('for the nearest elements, by their edges and by their middles', () => {
    expect(resized({ scaleFactor: 1.7 })).toEqual([1, 1, 2, 2, 4, 4, 8, 16]);
    expect(resized({ scaleFactor: 1.7, mode: 'nearest-exact' })).toEqual([1, 1, 2, 4, 4, 8, 8, 16]);
  });

  it('for cubic convolution over an image smaller than its window', () => {
    const image = tensor([[[SIGNAL.slice(0, 2), SIGNAL.slice(2, 4)]]]);
    const expected = [0.9131947, 1.5, 2.0868056, 3.6527786, 6, 8.3472223];
    expectClose(interpolate(image, { size: [2, 3], mode: 'bicubic' }), expected);
  });
});

it('interpolation leaves a constant image as it is, whatever the sizes', () => {
  const size = fc.integer({ min: 1, max: 9 });
  const mode = fc.constantFrom('nearest', 'bilinear', 'bicubic' as const);
  fc.assert(
    fc.property(size, size, size, size, mode, (h, w, oh, ow, mode) => {
      const out = interpolate(full([1, 1, h, w], 3), { size: [oh, ow], mode });
      expect(out.shape).toEqual([1, 1, oh, ow]);
      expectClose(out, new Array<number>(oh * ow).fill(3));
    }),
  );
});

describe('adaptive pooling', () => {
  it('covers windows that overlap, as PyTorch 1.13 does', () => {
    expectClose(adaptiveAvgPool1d(tensor([SIGNAL]), 3), [1.5, 14 / 3, 12]);
    expectClose(adaptiveMaxPool1d(tensor([SIGNAL]), 3), [2, 8, 16]);
  });

  it('keeps an infinite element inside its own windows', () => {
    expect([...adaptiveAvgPool1d(tensor([[1, 1, 1, 1, Infinity]]), 3).data()]).toEqual([1, 1, Infinity]);
  });

  it('sends the gradient to the first of equal elements in row-major order', () => {
    const x = ones([1, 3, 3], { requiresGrad: true });
    adaptiveMaxPool2d(x, [1, 2]).sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [
        [1, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]);
  });

  it('is the mean of all for one window, and nothing changes for as many windows as elements', () => {
    const x = randn([2, 3, 5, 4]);
    expectClose(adaptiveAvgPool2d(x, 1), [...x.mean([2, 3]).data()]);
    expect(adaptiveAvgPool2d(x, null).toArray()).toEqual(x.toArray());
    expect(adaptiveMaxPool2d(x, [5, 4]).toArray()).toEqual(x.toArray());
  });
});

it('pixelUnshuffle undoes pixelShuffle', () => {
  const size = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(size, size, size, size, (r, c, h, w) => {
      const x = randn([2, c * r * r, h, w]);
      expect(pixelUnshuffle(pixelShuffle(x, r), r).toArray()).toEqual(x.toArray());
    }),
  );
});

const image = zeros([1, 2, 3, 4]);
it.each<[() => unknown, string]>([
  [() => adaptiveAvgPool2d(zeros([3, 4]), 1), 'adaptiveAvgPool2d: x must be [N, C, H, W] or [C, H, W], not empty, got'],
  [
    () => adaptiveMaxPool2d(image, [1, 2, 3]),
    'adaptiveMaxPool2d: outputSize must be a whole number from 1 or null, or',
  ],
  [() => adaptiveAvgPool2d(image, 0), 'got 0'],
  [() => pixelShuffle(image, 2), 'pixelShuffle: 2 channels of [1, 2, 3, 4] are no multiple of 2²'],
  [() => pixelUnshuffle(image, 2), 'pixelUnshuffle: height and width of [1, 2, 3, 4] are no multiples of 2'],
  [() => interpolate(image, {}), 'interpolate: give either size or scaleFactor'],
  [() => interpolate(image, { size: 2, scaleFactor: 2 }), 'interpolate: give either size or scaleFactor'],
  [() => interpolate(image, { size: [2] }), 'interpolate: size [2] or scaleFactor null makes no size of at least 1'],
  [() => interpolate(image, { scaleFactor: 0.2 }), 'makes no size of at least 1 for each of [3, 4]'],
  [() => interpolate(image, { size: 2, mode: 'linear' }), "interpolate: mode 'linear' needs x [N, C] and 1 more"],
  [() => interpolate(image, { size: 2, alignCorners: false }), "interpolate: mode 'nearest' has no alignCorners"],
  [() => interpolate(image, { size: 2, mode: 'cubic' as never }), 'interpolate: mode must be one of nearest,'],
])('mistake %# is told: %s', (call, message) => {
  expect(call).toThrow(ShapeError);
  expect(call).toThrow(message);
});
