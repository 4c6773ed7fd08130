import { describe, expect, it } from 'vitest';
import { padTokens, sequenceDataset } from '../src/pad-tokens.ts';

const rows = [[5, 6], [7], [], [1, 2, 3]];

describe('padTokens', () => {
  it('pads to the longest row', () => {
    const { tokens, lengths } = padTokens(rows);
    expect([tokens.dtype, tokens.toArray()]).toEqual([
      'int32',
      [
        [5, 6, 0],
        [7, 0, 0],
        [0, 0, 0],
        [1, 2, 3],
      ],
    ]);
    expect([lengths.dtype, lengths.toArray()]).toEqual(['int32', [2, 1, 0, 3]]);
  });

  it('cuts and pads to a length, with another padding', () => {
    const { tokens, lengths } = padTokens(rows, { length: 2, padding: -100 });
    expect(tokens.toArray()).toEqual([
      [5, 6],
      [7, -100],
      [-100, -100],
      [1, 2],
    ]);
    expect(lengths.toArray()).toEqual([2, 1, 0, 2]);
  });

  it.each([
    ['no rows', [], {}],
    ['a length of 0', rows, { length: 0 }],
    ['a broken length', rows, { length: 1.5 }],
    ['rows without a token', [[]], {}],
  ])('refuses %s', (_, some: number[][], options) => {
    expect(() => padTokens(some, options)).toThrow(/padTokens: needs a row and a length of 1 or more/);
  });
});

describe('sequenceDataset', () => {
  it('gives batches of tokens, lengths and classes', () => {
    const { x, lengths, y } = sequenceDataset(rows, [0, 1, 0, 1]).batch([3, 0]);
    expect([x.toArray(), lengths.toArray(), y.toArray()]).toEqual([
      [
        [1, 2, 3],
        [5, 6, 0],
      ],
      [3, 2],
      [1, 0],
    ]);
  });

  it('refuses another number of classes', () => {
    expect(() => sequenceDataset(rows, [0, 1])).toThrow(/columns need the same number of rows/);
  });
});
