import { describe, expect, it } from 'vitest';
import { datasetFromHandle } from '../src/dataset.ts';
import { DIGIT_SIDE, drawDigit } from '../src/draw-digit.ts';
import { synthDigits } from '../src/synth-digits.ts';

describe('synthDigits', () => {
  const small = () => synthDigits({ seed: 1, trainLength: 200, testLength: 50 });
  const everything = (length: number) => Int32Array.from({ length }, (_, i) => i);

  it('gives batches in the form of MNIST, balanced over the ten digits', () => {
    const { train, test } = small();
    expect([train.length, test.length]).toEqual([200, 50]);
    const { x, y } = train.batch(everything(200));
    expect([x.shape, x.dtype, y.shape, y.dtype]).toEqual([[200, 1, 28, 28], 'float32', [200], 'int32']);
    const counts = new Array(10).fill(0);
    for (const label of y.data()) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(20));
  });

  it('draws the same images for the same seed and others for another', () => {
    const pixels = (seed: number) =>
      synthDigits({ seed, trainLength: 20, testLength: 1 }).train.batch([5, 19]).x.data();
    expect(pixels(1)).toEqual(pixels(1));
    expect(pixels(1)).not.toEqual(pixels(2));
  });

  it('draws an image that does not depend on how many are drawn', () => {
    const of = (trainLength: number) => synthDigits({ trainLength, testLength: 3 });
    expect(of(10).train.batch([7]).x.data()).toEqual(of(30).train.batch([7]).x.data());
    expect(of(10).test.batch([2]).x.data()).toEqual(of(30).test.batch([2]).x.data());
  });

  it('draws no image twice', () => {
    const { train, test } = small();
    const images = [train, test].flatMap((set) =>
      Array.from({ length: set.length }, (_, i) => String(set.batch([i]).x.data())),
    );
    expect(new Set(images).size).toBe(250);
  });

  it('draws the same images when another view of the set asks for them first', () => {
    const [one, other] = [small().train, small().train];
    const seen = datasetFromHandle(structuredClone(other.handle()));
    expect(seen.batch([3, 150])['x']!.data()).toEqual(one.batch([3, 150]).x.data());
    expect(other.batch(everything(200)).x.data()).toEqual(one.batch(everything(200)).x.data());
    expect(() => seen.batch([200])).toThrow('index 200 is not one of its 200 samples');
    expect(() => seen.batch([-1])).toThrow('index -1 is not one');
  });

  it('has about the mean and deviation that MNIST is normalised to', () => {
    const values = Array.from(small().train.batch(everything(200)).x.data());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.2);
    expect(Math.abs(Math.sqrt(variance) - 1)).toBeLessThan(0.2);
  });

  it.each([0, -1, 1.5, 1e7])('refuses the length %d', (trainLength) => {
    expect(() => synthDigits({ trainLength })).toThrow(`must be a whole number of 1 to 1000000, got ${trainLength}`);
  });
});

describe('drawDigit', () => {
  it('draws every digit whole: most of the ink lies off the border, and a digit has some', () => {
    let state = 1;
    const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647; // Lehmer's generator
    const pixels = new Uint8Array(DIGIT_SIDE * DIGIT_SIDE);
    for (let i = 0; i < 500; i++) {
      drawDigit(i % 10, uniform, pixels, 0);
      const isBorder = (at: number) =>
        at < DIGIT_SIDE || at >= 27 * DIGIT_SIDE || at % DIGIT_SIDE === 0 || at % DIGIT_SIDE === 27;
      const inked = [...pixels.keys()].filter((at) => pixels[at] > 100);
      expect(inked.length).toBeGreaterThan(12);
      expect(inked.length).toBeLessThan(300);
      expect(inked.filter(isBorder).length / inked.length).toBeLessThan(0.25);
    }
  });
});
