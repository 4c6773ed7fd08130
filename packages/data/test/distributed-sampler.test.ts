import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketedPermutation,
  DistributedSampler,
  epochPermutation,
  shardCounts,
  stepsPerEpoch,
} from '../src/distributed-sampler.ts';

const sizes = fc.record({
  length: fc.integer({ min: 0, max: 300 }),
  batchSize: fc.integer({ min: 1, max: 70 }),
  shardCount: fc.integer({ min: 1, max: 12 }),
  shuffle: fc.boolean(),
  seed: fc.nat({ max: 1000 }),
  dropLast: fc.boolean(),
});
const epochs = fc.nat({ max: 20 });

function globalBatches(sampler: DistributedSampler, epoch: number, shardCount: number): number[][] {
  return Array.from({ length: sampler.stepsPerEpoch }, (_, step) =>
    Array.from({ length: shardCount }, (_, shard) => [...sampler.indices(epoch, step, shard)]).flat(),
  );
}

describe('DistributedSampler', () => {
  it('uses every sample exactly once in an epoch, for any shards', () => {
    fc.assert(
      fc.property(sizes, epochs, (options, epoch) => {
        const used = globalBatches(new DistributedSampler(options), epoch, options.shardCount).flat();
        const { length, batchSize, dropLast } = options;
        expect(used.length).toBe(dropLast ? length - (length % batchSize) : length);
        expect(new Set(used).size).toBe(used.length);
        expect(used.every((index) => index >= 0 && index < length)).toBe(true);
      }),
    );
  });

  it('deals the same global batches whatever the number of shards', () => {
    fc.assert(
      fc.property(sizes, epochs, fc.integer({ min: 1, max: 12 }), (options, epoch, otherCount) => {
        const some = globalBatches(new DistributedSampler(options), epoch, options.shardCount);
        const other = new DistributedSampler({ ...options, shardCount: otherCount });
        expect(globalBatches(other, epoch, otherCount)).toEqual(some);
      }),
    );
  });

  it('gives each shard the number of samples that shardCounts says', () => {
    fc.assert(
      fc.property(sizes, (options) => {
        const sampler = new DistributedSampler(options);
        for (let step = 0; step < sampler.stepsPerEpoch; step++) {
          const counts = shardCounts(sampler.batchCount(step), options.shardCount);
          expect(counts.map((_, shard) => sampler.indices(0, step, shard).length)).toEqual(counts);
        }
      }),
    );
  });

  it('is a pure function of epoch, step and shard: the order of calls does not matter', () => {
    const sampler = new DistributedSampler({ length: 100, batchSize: 10, shardCount: 2, seed: 7 });
    const first = [...sampler.indices(3, 4, 1)];
    sampler.indices(0, 0, 0);
    expect([...sampler.indices(3, 4, 1)]).toEqual(first);
    const another = new DistributedSampler({ length: 100, batchSize: 10, shardCount: 2, seed: 7 });
    expect([...another.indices(3, 4, 1)]).toEqual(first);
  });

  it('keeps samples in their order without shuffle', () => {
    const sampler = new DistributedSampler({ length: 7, batchSize: 4, shardCount: 2, shuffle: false });
    expect(globalBatches(sampler, 5, 2)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
    expect([...sampler.indices(5, 1, 0)]).toEqual([4, 5]);
  });

  it.each([
    [{ length: -1, batchSize: 1, shardCount: 1 }, /length must be a whole number of at least 0, got -1/],
    [{ length: 1, batchSize: 0, shardCount: 1 }, /batchSize must be a whole number of at least 1, got 0/],
    [
      { length: 2, batchSize: 1, shardCount: 1, bucketBy: [1] },
      /bucketBy must have a number for each of 2 samples, got 1/,
    ],
    [{ length: 1, batchSize: 1, shardCount: 1.5 }, /shardCount must be a whole number of at least 1, got 1.5/],
  ])('refuses %o', (options, message) => {
    expect(() => new DistributedSampler(options)).toThrow(message);
  });

  it('refuses a step or shard that does not exist', () => {
    const sampler = new DistributedSampler({ length: 10, batchSize: 4, shardCount: 2 });
    expect(() => sampler.indices(0, 3, 0)).toThrow('step 3 is not one of 0 to 2');
    expect(() => sampler.indices(0, 0, 2)).toThrow('shard 2 is not one of 0 to 1');
  });
});

describe('epochPermutation', () => {
  it('orders 0 to length - 1, differently for every seed and epoch', () => {
    const sorted = Int32Array.from({ length: 1000 }, (_, i) => i);
    const orders = [epochPermutation(1000, 1, 0), epochPermutation(1000, 1, 1), epochPermutation(1000, 2, 0)];
    for (const order of orders) expect(order.toSorted()).toEqual(sorted);
    expect(new Set(orders.map(String)).size).toBe(3);
    expect(epochPermutation(1000, 1, 0)).toEqual(orders[0]);
  });
});

describe('bucketedPermutation', () => {
  const buckets = fc.record({
    keys: fc.array(fc.nat({ max: 20 }), { maxLength: 300 }),
    batchSize: fc.integer({ min: 1, max: 20 }),
    seed: fc.nat({ max: 1000 }),
    epoch: fc.nat({ max: 5 }),
  });

  it('orders every sample once, the same for the same arguments', () => {
    fc.assert(
      fc.property(buckets, ({ keys, batchSize, seed, epoch }) => {
        const order = bucketedPermutation(keys, batchSize, seed, epoch);
        expect(order.toSorted()).toEqual(Int32Array.from(keys, (_, i) => i));
        expect(bucketedPermutation(keys, batchSize, seed, epoch)).toEqual(order);
      }),
    );
  });

  it('fills batches with samples that are neighbours when all are sorted, if there are at most 100 batches', () => {
    fc.assert(
      fc.property(buckets, ({ keys, batchSize, seed, epoch }) => {
        fc.pre(keys.length <= 100 * batchSize);
        const inBatches = (values: readonly number[]): string[] =>
          Array.from({ length: Math.ceil(values.length / batchSize) }, (_, i) =>
            values.slice(i * batchSize, (i + 1) * batchSize).join(),
          );
        const found = inBatches([...bucketedPermutation(keys, batchSize, seed, epoch)].map((i) => keys[i]!));
        expect(found.toSorted()).toEqual(inBatches(keys.toSorted((a, b) => a - b)).toSorted());
      }),
    );
  });

  it('brings the batches into another order in each epoch', () => {
    const keys = Array.from({ length: 1000 }, (_, i) => i);
    const [first, second] = [0, 1].map((epoch) => bucketedPermutation(keys, 10, 1, epoch));
    expect(first).not.toEqual(second);
    const starts = Array.from({ length: 100 }, (_, i) => first![10 * i]!);
    expect(starts).not.toEqual(starts.toSorted((a, b) => a - b));
  });

  it('is the order of a DistributedSampler with bucketBy', () => {
    const bucketBy = [3, 1, 2, 3, 1, 2, 9];
    const sampler = new DistributedSampler({ length: 7, batchSize: 3, shardCount: 2, seed: 4, bucketBy });
    expect(globalBatches(sampler, 2, 2).flat()).toEqual([...bucketedPermutation(bucketBy, 3, 4, 2)]);
  });
});

describe('shardCounts', () => {
  it('splits any count into parts that sum to it and differ by one at most', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), fc.integer({ min: 1, max: 64 }), (count, shardCount) => {
        const counts = shardCounts(count, shardCount);
        expect(counts.length).toBe(shardCount);
        expect(counts.reduce((sum, part) => sum + part, 0)).toBe(count);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives some shards nothing when there are fewer samples than shards', () => {
    expect(shardCounts(2, 4)).toEqual([1, 1, 0, 0]);
  });
});

describe('stepsPerEpoch', () => {
  it('counts the smaller last batch unless it is dropped', () => {
    expect(stepsPerEpoch(60_000, 128)).toBe(469);
    expect(stepsPerEpoch(60_000, 128, true)).toBe(468);
    expect(stepsPerEpoch(256, 128)).toBe(2);
    expect(stepsPerEpoch(0, 128)).toBe(0);
  });
});
