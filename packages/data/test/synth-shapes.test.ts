import { describe, expect, it } from 'vitest';
import { synthShapes } from '../src/synth-shapes.ts';

describe('synthShapes', () => {
  it('gives batches in the form of CIFAR-10, balanced over the eight classes', () => {
    const { train, test } = synthShapes({ trainLength: 80, testLength: 9 });
    expect([train.length, test.length]).toEqual([80, 9]);
    const { x, y } = train.batch(Int32Array.from({ length: 80 }, (_, i) => i));
    expect([x.shape, x.dtype, y.dtype]).toEqual([[80, 3, 32, 32], 'float32', 'int32']);
    const counts = new Array<number>(8).fill(0);
    for (const label of y.data()) counts[label]!++;
    expect(counts).toEqual(new Array(8).fill(10));
  });

  it('draws an image that depends on the seed and its number alone', () => {
    const of = (seed: number, trainLength: number) => synthShapes({ seed, trainLength, testLength: 3 });
    expect(of(1, 10).train.batch([7]).x.data()).toEqual(of(1, 30).train.batch([7]).x.data());
    expect(of(1, 10).test.batch([2]).x.data()).toEqual(of(1, 30).test.batch([2]).x.data());
    expect(of(1, 10).train.batch([7]).x.data()).not.toEqual(of(2, 10).train.batch([7]).x.data());
  });

  it('draws no image twice', () => {
    const { train, test } = synthShapes({ trainLength: 60, testLength: 20 });
    const images = [train, test].flatMap((set) =>
      Array.from({ length: set.length }, (_, i) => String(set.batch([i]).x.data())),
    );
    expect(new Set(images).size).toBe(80);
  });

  it.each([0, -1, 1.5, 1e6])('refuses the length %d', (trainLength) => {
    expect(() => synthShapes({ trainLength })).toThrow(`must be a whole number of 1 to 100000, got ${trainLength}`);
  });
});
