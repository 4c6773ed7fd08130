import { fromTypedArray, manualSeed, randn, tensor, type Tensor } from '@gradwire/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LearnedPositionalEmbedding,
  RotaryEmbedding,
  SinusoidalPositionalEncoding,
  sinusoidalPositionalEncoding,
} from '../src/index.ts';

const values = (x: Tensor): number[] => x.flatten().toArray() as number[];
const places = (rows: number[][]): Tensor =>
  fromTypedArray(Int32Array.from(rows.flat()), [rows.length, rows[0].length]);

describe('RotaryEmbedding', () => {
  it('turns halves or neighbours by place·base^(−2k/dim)', () => {
    const x = tensor([[[[1, 2, 3, 4]], [[1, 2, 3, 4]]]]); // two places
    const [slow, fast] = [0.1, 1].map((angle) => [Math.cos(angle), Math.sin(angle)]);
    const halves = new RotaryEmbedding(4, { base: 100 }).forward(x);
    const turn = ([c, s]: number[], a: number, b: number): number[] => [a * c - b * s, b * c + a * s];
    const [[a, c], [b, d]] = [turn(fast, 1, 3), turn(slow, 2, 4)];
    values(halves).forEach((value, i) => expect(value).toBeCloseTo([1, 2, 3, 4, a, b, c, d][i], 5));
    const neighbours = new RotaryEmbedding(4, { base: 100, interleaved: true }).forward(x);
    const expected = [1, 2, 3, 4, ...turn(fast, 1, 2), ...turn(slow, 3, 4)];
    values(neighbours).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
  });

  it('makes products of queries and keys that depend on their distance alone', () => {
    const rotary = new RotaryEmbedding(6, { maxLen: 64 });
    const property = fc.property(fc.nat(40), fc.nat(20), fc.nat(100), (place, distance, seed) => {
      manualSeed(seed);
      const [q, k] = [randn([1, 1, 1, 6]), randn([1, 1, 1, 6])];
      const product = (offset: number): number =>
        rotary
          .forward(q, { offset: offset + distance })
          .mul(rotary.forward(k, { offset }))
          .sum()
          .item();
      expect(product(place)).toBeCloseTo(product(0), 4);
    });
    fc.assert(property, { numRuns: 30, seed: 2 });
  });

  it('takes a place for each row and token, as an offset for all', () => {
    const rotary = new RotaryEmbedding(4);
    const x = randn([2, 2, 3, 4]);
    const turned = rotary.forward(x, { positions: places([[5, 6], [5, 6]]) }); // prettier-ignore
    expect(values(turned)).toEqual(values(rotary.forward(x, { offset: 5 })));
    expect(values(turned)).toEqual(values(rotary.forward(x, rotary.angles(2, { offset: 5 }))));
  });

  it('refuses an odd width, and places that it has not', () => {
    expect(() => new RotaryEmbedding(3)).toThrow('dim must be even, got 3');
    const rotary = new RotaryEmbedding(4, { maxLen: 3 });
    expect(() => rotary.forward(randn([1, 2, 1, 4]), { offset: 2 })).toThrow('2 places from 2 on go beyond the 3');
  });
});

describe('positions that are added', () => {
  it('are sinusoids, from any place on, and not learned', () => {
    const layer = new SinusoidalPositionalEncoding(9, 4);
    const zero = randn([2, 3, 4]).mul(0);
    const table = sinusoidalPositionalEncoding({ maxLen: 9, dModel: 4 });
    expect(values(layer.forward(zero, { offset: 4 }).select(0, 1))).toEqual(values(table.narrow(0, 4, 3)));
    expect(layer.stateDict().size).toBe(0);
  });

  it('are learned, where they are used', () => {
    const layer = new LearnedPositionalEmbedding(4, 2);
    expect([...layer.stateDict().keys()]).toEqual(['weight']);
    layer
      .forward(randn([3, 2, 2]), { offset: 1 })
      .sum()
      .backward();
    expect(values(layer.weight.grad!)).toEqual([0, 0, 3, 3, 3, 3, 0, 0]);
    layer.zeroGrad();
    layer.forward(randn([2, 2, 2]), { positions: places([[0, 3], [3, 3]]) }).sum().backward(); // prettier-ignore
    expect(values(layer.weight.grad!)).toEqual([1, 1, 0, 0, 0, 0, 3, 3]);
  });
});
