import fc from 'fast-check';
import { describe, it } from 'vitest';
import { KernelPair, VARIANTS } from './kernel-pair.ts';

type Pair = readonly [number, number];

interface Pooling {
  readonly planes: number;
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
}

/** PyTorch's rule: in ceil mode the last window must still start inside the input or its left padding. */
function outputSize(p: Pooling): [number, number] {
  const extent = (axis: 0 | 1): number => {
    const room = p.size[axis] + 2 * p.padding[axis] - p.dilation[axis] * (p.kernel[axis] - 1) - 1;
    const steps = room / p.stride[axis];
    const count = (p.ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return p.ceilMode && (count - 1) * p.stride[axis] >= p.size[axis] + p.padding[axis] ? count - 1 : count;
  };
  return [extent(0), extent(1)];
}

const pairOf = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const one: fc.Arbitrary<Pair> = fc.constant([1, 1]);

function pooling(dilation: fc.Arbitrary<Pair>): fc.Arbitrary<Pooling> {
  return fc
    .record({
      planes: fc.integer({ min: 1, max: 4 }),
      size: pairOf(1, 20),
      kernel: pairOf(1, 4),
      stride: pairOf(1, 3),
      padding: pairOf(0, 2),
      dilation,
      ceilMode: fc.boolean(),
    })
    .filter((p) => Math.min(...outputSize(p)) > 0 && p.padding.every((pad, axis) => 2 * pad <= p.kernel[axis]!));
}

/** 2 × 2 side by side, as most networks have them. */
const squares: fc.Arbitrary<Pooling> = fc.record({
  planes: fc.integer({ min: 1, max: 3 }),
  size: pairOf(2, 21),
  kernel: fc.constant<Pair>([2, 2]),
  stride: fc.constant<Pair>([2, 2]),
  padding: fc.constant<Pair>([0, 0]),
  dilation: one,
  ceilMode: fc.boolean(),
});

/** Few different values, so that windows hold ties, and now and then a NaN or an infinity. */
const values = (size: number): fc.Arbitrary<number[]> =>
  fc.array(fc.constantFrom(-2, -1, 0, 1, 2, 3, 0.5, NaN, -Infinity, Infinity), { minLength: size, maxLength: size });
const finite = (size: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -99, max: 99 }), { minLength: size, maxLength: size });

const withData = (pooling: fc.Arbitrary<Pooling>, data: (size: number) => fc.Arbitrary<number[]>) =>
  pooling.chain((p) => fc.tuple(fc.constant(p), data(p.planes * p.size[0] * p.size[1])));

describe.each(VARIANTS)('pooling, %s', (variant) => {
  const pair = new KernelPair(variant);

  it('takes the first greatest of each window, and gives its gradient back there', () => {
    const property = fc.property(
      withData(fc.oneof(squares, pooling(one), pooling(pairOf(1, 3))), values),
      ([p, data]) => {
        const [outHeight, outWidth] = outputSize(p);
        const count = p.planes * outHeight * outWidth;
        pair.clear();
        const x = pair.place(data);
        const y = pair.place(new Float32Array(count));
        const index = pair.place(new Float32Array(count));
        const gy = pair.place(Float32Array.from({ length: count }, (_, i) => (i % 7) - 3));
        const windows = [...p.kernel, ...p.stride, ...p.padding, ...p.dilation];
        pair.expectSame(
          'maxPool2d',
          [x, y, index, p.planes, ...p.size, outHeight, outWidth, ...windows],
          [
            { address: y, size: count },
            { address: index, size: count },
          ],
        );
        const sizes = [p.planes, p.size[0] * p.size[1], outHeight * outWidth];
        pair.expectSame('maxPool2dGrad', [gy, index, x, ...sizes], [{ address: x, size: data.length }]);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('takes the mean of each window, and shares its gradient out over it', () => {
    const property = fc.property(
      withData(pooling(one), finite),
      fc.boolean(),
      fc.constantFrom(0, 0, 5),
      ([p, data], countIncludePad, divisorOverride) => {
        const outSize = outputSize(p);
        const count = p.planes * outSize[0] * outSize[1];
        pair.clear();
        const x = pair.place(data);
        const y = pair.place(Float32Array.from({ length: count }, (_, i) => (i % 7) - 3));
        const sizes = [p.planes, ...p.size, ...outSize, ...p.kernel, ...p.stride, ...p.padding];
        const words = [x, y, 0, ...sizes, Number(countIncludePad), divisorOverride];
        pair.expectSame('avgPool2dGrad', words, [{ address: x, size: data.length }], 1e-4);
        pair.expectSame('avgPool2d', words, [{ address: y, size: count }], 1e-4);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
