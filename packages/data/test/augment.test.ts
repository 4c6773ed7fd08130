import { arange, manualSeed, step, zeros, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { randomCrop, randomHorizontalFlip } from '../src/augment.ts';

/** 60 images of two channels and 3 × 4 pixels, in which no value stands twice and none is 0. */
const images = (): Tensor =>
  arange(60 * 24)
    .add(1)
    .reshape([60, 2, 3, 4]);

type Image = number[][][];
const imagesOf = (x: Tensor): Image[] => x.toArray() as unknown as Image[];
const mirrored = (image: Image): Image => image.map((plane) => plane.map((row) => row.toReversed()));
const moved = (image: Image, down: number, right: number): Image =>
  image.map((plane) => plane.map((row, i) => row.map((_, j) => plane[i + down]?.[j + right] ?? 0)));

describe('randomHorizontalFlip', () => {
  it('mirrors some images whole, all channels alike, and leaves the others', () => {
    manualSeed(1);
    const [before, after] = [imagesOf(images()), imagesOf(randomHorizontalFlip(images()))];
    const flips = after.map((image, i) => {
      const isFlipped = image[0]![0]![0] !== before[i]![0]![0]![0];
      expect(image).toEqual(isFlipped ? mirrored(before[i]!) : before[i]);
      return isFlipped;
    });
    expect(flips.filter(Boolean).length).toBeGreaterThan(15);
    expect(flips.filter(Boolean).length).toBeLessThan(45);
  });
});

describe('randomCrop', () => {
  it('moves each image whole by up to the padding, each way, with zeros from outside', () => {
    manualSeed(1);
    const [before, after] = [imagesOf(images()), imagesOf(randomCrop(images(), { padding: 1 }))];
    const offsets = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const));
    const seen = after.map((image, i) =>
      offsets.findIndex(([down, right]) => String(moved(before[i]!, down, right)) === String(image)),
    );
    expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it('leaves images as they are without padding, and survives more padding than image', () => {
    expect(randomCrop(images(), { padding: 0 }).toArray()).toEqual(images().toArray());
    expect(randomCrop(images(), { padding: 40 }).shape).toEqual([60, 2, 3, 4]);
  });

  it.each([-1, 0.5, NaN])('refuses the padding %d', (padding) => {
    expect(() => randomCrop(images(), { padding })).toThrow(expect.objectContaining({ code: 'ERR_DATA_OPTION' }));
  });
});

describe.each([
  ['randomCrop', (x: Tensor) => randomCrop(x, { padding: 2 })],
  ['randomHorizontalFlip', randomHorizontalFlip],
])('%s', (name, augment) => {
  it('gives the same bits for the same seed, others for another, and leaves its input alone', () => {
    const x = images();
    const of = (seed: number): unknown => (manualSeed(seed), augment(x).toArray());
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(x.toArray()).toEqual(images().toArray());
  });

  it('takes views and empty batches, and keeps the dtype', () => {
    const x = images();
    const of = (view: Tensor): unknown => (manualSeed(3), augment(view).toArray());
    expect(of(x.transpose(2, 3))).toEqual(of(x.transpose(2, 3).clone()));
    expect(augment(zeros([0, 3, 4, 4], { dtype: 'uint8' }))).toMatchObject({ shape: [0, 3, 4, 4], dtype: 'uint8' });
  });

  it('does the same in the memory of a step', () => {
    const of = (): unknown => (manualSeed(3), augment(images()).toArray());
    const lasting = of();
    expect(step(() => [of()])).toEqual([lasting]);
  });

  it('refuses what is no batch of images', () => {
    expect(() => augment(zeros([3, 4, 4]))).toThrow(`${name}: expected images of shape [N, C, H, W], got [3, 4, 4]`);
  });
});
