import { describe, expect, it } from 'vitest';
import { fromTypedArray, memoryUsage, step } from '@gradwire/tensor';
import { DataLoader } from '../src/data-loader.ts';
import { TensorDataset } from '../src/tensor-dataset.ts';

function numbers(length: number) {
  return new TensorDataset({
    x: fromTypedArray(
      Int32Array.from({ length }, (_, i) => i),
      [length],
    ),
  });
}

const read = (loader: DataLoader) => Array.from(loader, ({ x }) => x.toArray() as number[]);

describe('DataLoader', () => {
  it('goes through the dataset in batches, the last one smaller', () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2 });
    expect(loader.length).toBe(3);
    expect(read(loader)).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('leaves the smaller last batch out with dropLast', () => {
    expect(read(new DataLoader(numbers(5), { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('shuffles every epoch anew, and in the same way for the same seed', () => {
    const loader = () => new DataLoader(numbers(50), { batchSize: 10, shuffle: true, seed: 3 });
    const [one, other] = [loader(), loader()];
    const epochs = [read(one), read(one)];
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect([read(other), read(other)]).toEqual(epochs);
    for (const epoch of epochs) expect(epoch.flat().sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
  });

  it('repeats an epoch after setEpoch', () => {
    const loader = new DataLoader(numbers(50), { batchSize: 10, shuffle: true });
    read(loader);
    const second = read(loader);
    loader.setEpoch(1);
    expect(read(loader)).toEqual(second);
  });

  it('deals each batch to the shards of a group', () => {
    const whole = new DataLoader(numbers(23), { batchSize: 10, shuffle: true, seed: 1 });
    const shards = [0, 1, 2, 3].map((rank) => read(whole.shard(rank, 4)));
    const together = [0, 1, 2].map((step) => shards.flatMap((batches) => batches[step]));
    expect(together).toEqual(read(whole));
    expect(shards.map((batches) => batches[2].length)).toEqual([1, 1, 1, 0]);
  });

  it('gives the memory of each batch back when the next is asked for', () => {
    const loader = new DataLoader(numbers(1000), { batchSize: 10 });
    const { longLivedBytes } = memoryUsage();
    for (const { x } of loader) {
      expect(x.size).toBe(10);
      expect(memoryUsage().longLivedBytes).toBe(longLivedBytes + 64);
    }
    expect(memoryUsage().longLivedBytes).toBe(longLivedBytes);
  });

  it('gives the memory back when the loop is left early', () => {
    const { longLivedBytes } = memoryUsage();
    const loader = new DataLoader(numbers(10), { batchSize: 10 });
    const withDataset = memoryUsage().longLivedBytes;
    for (const { x } of loader) if (x.size > 0) break;
    expect(withDataset).toBeGreaterThan(longLivedBytes);
    expect(memoryUsage().longLivedBytes).toBe(withDataset);
  });

  it('makes a batch in the step that asks for it', () => {
    const batches = new DataLoader(numbers(4), { batchSize: 2 })[Symbol.iterator]();
    const { longLivedBytes } = memoryUsage();
    for (const expected of [
      [0, 1],
      [2, 3],
    ]) {
      step(() => expect(batches.next().value?.x.toArray()).toEqual(expected));
    }
    expect(memoryUsage().longLivedBytes).toBe(longLivedBytes);
  });

  it.each([
    [2, 2],
    [-1, 2],
    [0.5, 2],
  ])('refuses rank %d of %d', (rank, size) => {
    expect(() => new DataLoader(numbers(4)).shard(rank, size)).toThrow(
      `rank must be one of 0 to size - 1 = 1, got ${rank}`,
    );
  });
});
