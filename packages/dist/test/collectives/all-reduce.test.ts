import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allGather } from '../../src/collectives/all-gather.ts';
import { barrier } from '../../src/collectives/barrier.ts';
import { broadcast } from '../../src/collectives/broadcast.ts';
import { partition } from '../../src/collectives/partition.ts';
import { reduceScatter } from '../../src/collectives/reduce-scatter.ts';
import { ringAllReduce } from '../../src/collectives/ring-all-reduce.ts';
import { treeAllReduce } from '../../src/collectives/tree-all-reduce.ts';
import { memoryGroups, shuffled } from '../groups.ts';

const seeds = fc.nat(0xffffffff);
const sizes = fc.integer({ min: 1, max: 9 });
const lengths = fc.oneof(fc.nat(20), fc.nat(3000));
const algorithms = { ringAllReduce, treeAllReduce };

/** A buffer on shared memory, not at its start, as a gradient bucket has it. */
function shared(values: readonly number[]): Float32Array {
  const buffer = new Float32Array(new SharedArrayBuffer(4 * values.length + 8), 4, values.length);
  buffer.set(values);
  return buffer;
}

/** Whole numbers up to 2¹⁶, whose sums float32 holds exactly. */
const wholeNumbers = (rank: number, length: number) =>
  Array.from({ length }, (_, i) => ((i * 7919 + rank * 104729) % 65536) - 32768);
const fractions = (rank: number, length: number) =>
  Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + rank * 78.233) * 10 ** ((i + rank) % 9));
const plainSum = (inputs: readonly number[][]) =>
  inputs[0]!.map((_, i) => inputs.reduce((sum, input) => sum + input[i]!, 0));

/** The fixed tree over ranks, written again from its definition, one element at a time. */
function serialTree(values: readonly number[]): number {
  if (values.length === 1) return Math.fround(values[0]!);
  const middle = Math.floor(values.length / 2);
  return Math.fround(serialTree(values.slice(0, middle)) + serialTree(values.slice(middle)));
}

const bits = (buffer: Float32Array) =>
  Buffer.from(Uint8Array.from(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)));

describe.each(Object.entries(algorithms))('%s', (_, allReduce) => {
  it('gives every rank the elementwise sum, for any size, length and timing', async () => {
    const property = fc.asyncProperty(sizes, lengths, seeds, async (size, length, seed) => {
      const inputs = Array.from({ length: size }, (_, rank) => wholeNumbers(rank, length));
      const buffers = inputs.map(shared);
      await Promise.all(memoryGroups(size, {}, shuffled(seed)).map((group) => allReduce(group, buffers[group.rank]!)));
      for (const buffer of buffers) expect([...buffer]).toEqual(plainSum(inputs));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('ends with the same bytes on every rank, whatever the numbers', async () => {
    const property = fc.asyncProperty(sizes, lengths, seeds, async (size, length, seed) => {
      const buffers = Array.from({ length: size }, (_, rank) => shared(fractions(rank, length)));
      await Promise.all(memoryGroups(size, {}, shuffled(seed)).map((group) => allReduce(group, buffers[group.rank]!)));
      for (const buffer of buffers) expect(bits(buffer).equals(bits(buffers[0]!))).toBe(true);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('sums buffers of many pieces', async () => {
    const length = 6 * 256 * 1024 + 17;
    const inputs = [0, 1].map((rank) => wholeNumbers(rank, length));
    const buffers = inputs.map(shared);
    await Promise.all(memoryGroups(2).map((group) => allReduce(group, buffers[group.rank]!)));
    const sums = Float32Array.from(plainSum(inputs));
    for (const buffer of buffers) expect(bits(buffer).equals(bits(sums))).toBe(true);
  });

  it('sums float64 and int32 too', async () => {
    for (const Type of [Float64Array, Int32Array]) {
      const inputs = [0, 1, 2].map((rank) => wholeNumbers(rank, 50));
      const buffers = inputs.map((input) => Type.from(input));
      await Promise.all(memoryGroups(3).map((group) => allReduce(group, buffers[group.rank]!)));
      for (const buffer of buffers) expect([...buffer]).toEqual(plainSum(inputs));
    }
  });

  it('keeps several buckets apart that are under way at once', async () => {
    const property = fc.asyncProperty(seeds, async (seed) => {
      const buckets = Array.from({ length: 6 }, (_, bucket) =>
        [0, 1, 2].map((rank) => wholeNumbers(rank + 10 * bucket, 40)),
      );
      const buffers = buckets.map((inputs) => inputs.map(shared));
      const run = memoryGroups(3, {}, shuffled(seed)).map((group) =>
        Promise.all(buffers.map((bucket, index) => allReduce(group, bucket[group.rank]!, { step: 1, bucket: index }))),
      );
      await Promise.all(run);
      buckets.forEach((inputs, index) => expect([...buffers[index]![2]!]).toEqual(plainSum(inputs)));
    });
    await fc.assert(property, { numRuns: 20 });
  });
});

it('treeAllReduce gives the bits of the serial tree sum over ranks, for any size, length and timing', async () => {
  const property = fc.asyncProperty(sizes, lengths, seeds, async (size, length, seed) => {
    const inputs = Array.from({ length: size }, (_, rank) => shared(fractions(rank, length)));
    const expected = Float32Array.from({ length }, (_, i) => serialTree(inputs.map((input) => input[i]!)));
    await Promise.all(memoryGroups(size, {}, shuffled(seed)).map((group) => treeAllReduce(group, inputs[group.rank]!)));
    for (const buffer of inputs) expect(bits(buffer).equals(bits(expected))).toBe(true);
  });
  await fc.assert(property, { numRuns: 60 });
});

it('reduceScatter gives each rank its slice of the sum and leaves the rest as it was', async () => {
  const property = fc.asyncProperty(sizes, lengths, seeds, async (size, length, seed) => {
    const inputs = Array.from({ length: size }, (_, rank) => wholeNumbers(rank, length));
    const buffers = inputs.map(shared);
    const groups = memoryGroups(size, {}, shuffled(seed));
    const chunks = await Promise.all(groups.map((group) => reduceScatter(group, buffers[group.rank]!)));
    chunks.forEach((chunk, rank) => {
      const { start, end } = partition(length, size, rank);
      expect([...chunk]).toEqual(plainSum(inputs).slice(start, end));
      expect([...buffers[rank]!.subarray(end)]).toEqual(inputs[rank]!.slice(end));
    });
  });
  await fc.assert(property, { numRuns: 40 });
});

it('allGather gives every rank the slices of all', async () => {
  const property = fc.asyncProperty(sizes, lengths, seeds, async (size, length, seed) => {
    const buffers = Array.from({ length: size }, (_, rank) => {
      const { start, end } = partition(length, size, rank);
      return shared(Array.from({ length }, (_, i) => (i >= start && i < end ? i : -1)));
    });
    await Promise.all(memoryGroups(size, {}, shuffled(seed)).map((group) => allGather(group, buffers[group.rank]!)));
    for (const buffer of buffers) expect([...buffer]).toEqual(Array.from({ length }, (_, i) => i));
  });
  await fc.assert(property, { numRuns: 40 });
});

it('broadcast gives every rank the buffer of the root, whichever it is', async () => {
  const property = fc.asyncProperty(sizes, fc.nat(100), lengths, seeds, async (size, nth, length, seed) => {
    const root = nth % size;
    const buffers = Array.from({ length: size }, (_, rank) => shared(wholeNumbers(rank, length)));
    const groups = memoryGroups(size, {}, shuffled(seed));
    await Promise.all(groups.map((group) => broadcast(group, buffers[group.rank]!, { root })));
    for (const buffer of buffers) expect([...buffer]).toEqual(wholeNumbers(root, length));
  });
  await fc.assert(property, { numRuns: 60 });
});

it('barrier lets nobody through before the last one has come', async () => {
  const property = fc.asyncProperty(sizes, fc.nat(100), seeds, async (size, nth, seed) => {
    const last = nth % size;
    const groups = memoryGroups(size, {}, shuffled(seed));
    let lastHasCome = false;
    const others = groups.filter(({ rank }) => rank !== last);
    const passed = others.map((group) => barrier(group).then(() => expect(lastHasCome).toBe(true)));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    lastHasCome = true;
    await Promise.all([...passed, barrier(groups[last]!)]);
  });
  await fc.assert(property, { numRuns: 30 });
});

it('partition cuts a buffer into contiguous slices whose lengths differ by one at most', () => {
  const property = fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 100 }), (length, parts) => {
    const slices = Array.from({ length: parts }, (_, index) => partition(length, parts, index));
    expect(slices[0]!.start).toBe(0);
    expect(slices.at(-1)!.end).toBe(length);
    slices.slice(1).forEach((slice, index) => expect(slice.start).toBe(slices[index]!.end));
    const lengths = slices.map(({ start, end }) => end - start);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
  });
  fc.assert(property);
});
