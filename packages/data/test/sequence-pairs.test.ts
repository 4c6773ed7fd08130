import { step } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { datasetFromHandle } from '../src/dataset.ts';
import { DataLoader } from '../src/data-loader.ts';
import { trimPadding } from '../src/pad-tokens.ts';
import { sequencePairDataset } from '../src/sequence-pairs.ts';

const marks = { start: 1, end: 2 };

describe('sequencePairDataset', () => {
  it('puts marks around the sequences, and pads them', () => {
    const dataset = sequencePairDataset([[5, 6], [7]], [[8], [9, 10, 11]], marks);
    step(() => {
      const { x, xLengths, y, yLengths } = dataset.batch([1, 0]);
      expect(x.toArray()).toEqual([
        [7, 2, 0],
        [5, 6, 2],
      ]);
      expect(y.toArray()).toEqual([
        [1, 9, 10, 11, 2],
        [1, 8, 2, 0, 0],
      ]);
      expect([xLengths.toArray(), yLengths.toArray()]).toEqual([
        [2, 3],
        [5, 3],
      ]);
    });
  });

  it('fills shuffled batches with targets, then sources, of equal length, in another thread too', () => {
    const rows = (lengths: readonly number[]) => lengths.map((length) => Array<number>(length).fill(5));
    const dataset = sequencePairDataset(rows([1, 2, 1, 2, 1, 2, 1, 2]), rows([3, 4, 4, 3, 3, 4, 4, 3]), marks);
    const sizes = (of: typeof dataset): string[] =>
      Array.from(
        new DataLoader(of, { batchSize: 2, shuffle: true, seed: 3 }),
        ({ xLengths, yLengths }) => `${xLengths.data().join()} ${yLengths.data().join()}`,
      );
    expect(sizes(dataset).toSorted()).toEqual(['2,2 5,5', '2,2 6,6', '3,3 5,5', '3,3 6,6']);
    expect(sizes(datasetFromHandle(structuredClone(dataset.handle())) as typeof dataset)).toEqual(sizes(dataset));
  });

  it('refuses unequal numbers of sources and targets', () => {
    expect(() => sequencePairDataset([[1]], [], marks)).toThrow('sequencePairDataset: 1 sources, but 0 targets');
  });
});

describe('trimPadding', () => {
  it('cuts a batch to its longest row', () => {
    const dataset = sequencePairDataset([[5], [6, 7], [5, 5, 5]], [[], [], []], marks);
    step(() => {
      const { x, xLengths } = dataset.batch([0, 1]);
      expect(trimPadding(x, xLengths).toArray()).toEqual([
        [5, 2, 0],
        [6, 7, 2],
      ]);
    });
  });
});
