import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultGenerator, manualSeed, rand, randint, randn } from '../src/random/default-generator.ts';
import { Generator } from '../src/random/generator.ts';
import { philox4x32 } from '../src/random/philox.ts';
import '../src/methods.ts';

const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('philox4x32-10', () => {
  const ones = 0xffffffff;
  // Known answers of the authors' Random123 library: counter, key, four numbers.
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[ones, ones, ones, ones], [ones, ones], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('gives the published numbers for counter %j and key %j', ([c0, c1, c2, c3], [k0, k1], expected) => {
    const out = new Uint32Array(4);
    philox4x32(c0!, c1!, c2!, c3!, k0!, k1!, out);
    expect(Array.from(out, (word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(expected);
  });
});

describe('a generator', () => {
  const draw = (generator: Generator, n: number): number[] => Array.from({ length: n }, () => generator.uint32());

  it('takes its numbers from blocks counted up under key seed, with the stream in the upper counter', () => {
    const out = new Uint32Array(8);
    const [seed, stream] = [0x123456789ab, 0xba987654321];
    for (const block of [0, 1]) {
      const numbers = out.subarray(4 * block, 4 * block + 4);
      philox4x32(block, 0, stream >>> 0, Math.floor(stream / 2 ** 32), seed >>> 0, Math.floor(seed / 2 ** 32), numbers);
    }
    expect(draw(new Generator(seed, stream), 8)).toEqual([...out]);
  });

  it('gives the same numbers for the same seed and stream, and others for another of either', () => {
    const property = fc.property(seeds, seeds, (seed, stream) => {
      const numbers = draw(new Generator(seed, stream), 9);
      expect(draw(new Generator(seed, stream), 9)).toEqual(numbers);
      expect(draw(new Generator(seed === 0 ? 1 : seed - 1, stream), 9)).not.toEqual(numbers);
      expect(draw(new Generator(seed, stream === 0 ? 1 : stream - 1), 9)).not.toEqual(numbers);
    });
    fc.assert(property);
  });

  it('goes on from its state with the same numbers, wherever it stood', () => {
    const property = fc.property(seeds, fc.nat({ max: 30 }), (seed, drawn) => {
      const generator = new Generator(seed);
      draw(generator, drawn);
      const state = JSON.parse(JSON.stringify(generator.state)) as typeof generator.state;
      expect(state.position).toBe(drawn);
      expect(draw(Generator.fromState(state), 9)).toEqual(draw(generator, 9));
    });
    fc.assert(property);
  });

  it('goes on behind 2³² blocks, where the counter needs its second word', () => {
    const before = Generator.fromState({ seed: 1, stream: 0, position: 2 ** 34 - 1 });
    before.uint32();
    const [next] = draw(before, 1);
    const out = new Uint32Array(4);
    philox4x32(0, 1, 0, 0, 1, 0, out);
    expect(next).toBe(out[0]);
  });

  it.each([-1, 0.5, NaN, 2 ** 53])('refuses the seed, stream or position %s', (value) => {
    expect(() => new Generator(value)).toThrow(/whole numbers from 0 below 2\^53, got/);
    expect(() => new Generator(0, value)).toThrow(expect.objectContaining({ code: 'ERR_RANDOM' }) as Error);
    expect(() => Generator.fromState({ seed: 0, stream: 0, position: value })).toThrow(/got/);
  });

  it('permutes: every number from 0 to n − 1 comes once', () => {
    const property = fc.property(seeds, fc.nat({ max: 200 }), (seed, n) => {
      const order = new Generator(seed).randperm(n);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('puts each number at each place equally often', () => {
    const generator = new Generator(5);
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let i = 0; i < 4000; i++) generator.randperm(4).forEach((value, place) => counts[place]![value]!++);
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(120); // 4.4 deviations
  });
});

describe('distributions', () => {
  const N = 100_000;
  const moments = (values: ArrayLike<number>): number[] => {
    const mean = Array.from(values).reduce((sum, x) => sum + x, 0) / N;
    return [mean, ...[2, 3, 4].map((power) => Array.from(values).reduce((sum, x) => sum + (x - mean) ** power, 0) / N)];
  };

  it('uniform: in [0, 1), mean 1/2, variance 1/12', () => {
    const values = new Generator(1).rand([N]).data();
    const [mean, variance] = moments(values);
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('normal: mean 0, variance 1, no skew, kurtosis 3, finite', () => {
    const values = new Generator(2).randn([N]).data();
    const [mean, variance, third, fourth] = moments(values);
    expect(values.every(Number.isFinite)).toBe(true);
    for (const [moment, exact, tolerance] of [
      [mean, 0, 0.015],
      [variance, 1, 0.02],
      [third, 0, 0.04],
      [fourth, 3, 0.12],
    ] as const)
      expect(Math.abs(moment! - exact)).toBeLessThan(tolerance);
  });

  it('whole numbers: each of [low, high) about equally often, nothing else', () => {
    const values = new Generator(3).randint(-2, 3, [N]);
    expect(values.dtype).toBe('int32');
    const counts = new Map<number, number>();
    for (const value of values.data()) counts.set(value, (counts.get(value) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    for (const count of counts.values()) expect(Math.abs(count - N / 5)).toBeLessThan(600);
    expect(() => new Generator(3).randint(3, 3, [1])).toThrow('randint: no whole number from 3 below 3');
  });
});

describe('the default generator', () => {
  it('starts anew with manualSeed, and rand, randn and randint draw from it', () => {
    const all = (): unknown[] => [rand([3]).toArray(), randn([3]).toArray(), randint(0, 100, [3]).toArray()];
    manualSeed(7);
    const first = all();
    expect(defaultGenerator().state).toEqual({ seed: 7, stream: 0, position: 12 });
    manualSeed(7);
    expect(all()).toEqual(first);
    manualSeed(7, 1);
    expect(all()).not.toEqual(first);
  });
});
