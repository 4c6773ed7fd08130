import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planBuckets } from '../../src/data-parallel/bucket-plan.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 });
const offsetsOf = (lengths: readonly number[]) => lengths.reduce((all, n) => [...all, all.at(-1)! + n * 16], [0]);

it('covers the flat gradient exactly once, from its end to its beginning, with whole parameters', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 2000 }), (lengths, first, rest) => {
      const offsets = offsetsOf(lengths);
      const buckets = planBuckets({ offsets }, first, rest);
      expect(buckets[0]!.end).toBe(offsets.at(-1));
      expect(buckets.at(-1)!.start).toBe(0);
      buckets.slice(1).forEach((bucket, b) => expect(bucket.end).toBe(buckets[b]!.start));
      expect(buckets.toReversed().flatMap(({ parameters }) => parameters)).toEqual(lengths.map((_, i) => i));
      for (const { start, end, parameters } of buckets) {
        expect([start, end]).toEqual([offsets[parameters[0]!], offsets[parameters.at(-1)! + 1]]);
      }
    }),
  );
});

it('ends a bucket as soon as it is large enough, the first one early', () => {
  const plan = planBuckets({ offsets: [0, 16, 32, 48, 64, 80, 96] }, 16, 48);
  expect(plan.map(({ parameters }) => parameters)).toEqual([[5], [2, 3, 4], [0, 1]]);
});
