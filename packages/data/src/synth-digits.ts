import { Generator, GradwireError } from '@gradwire/tensor';
import type { DataSplits, LabeledBatch } from './dataset.ts';
import { digitDataset } from './digit-dataset.ts';
import { DIGIT_SIDE, drawDigit } from './draw-digit.ts';
import type { TensorDataset } from './tensor-dataset.ts';

export interface SynthDigitsOptions {
  readonly seed?: number;
  readonly trainLength?: number;
  readonly testLength?: number;
}

const PIXELS = DIGIT_SIDE * DIGIT_SIDE;
const LENGTH_MAX = 1_000_000;

/**
 * SynthDigits: handwritten-looking digits drawn on the spot, 10,000 to train and 2,000 to test unless told otherwise,
 * in the form of `mnist`: x [b, 1, 28, 28] float32, y [b] int32. Classes take turns, so they are balanced.
 * Image i is a pure function of (seed, i); the test set's images are numbered downwards from 2³² − 1.
 */
export function synthDigits({
  seed = 0,
  trainLength = 10_000,
  testLength = 2_000,
}: SynthDigitsOptions = {}): DataSplits<LabeledBatch> {
  return {
    train: drawDataset(seed, trainLength, (i) => i),
    test: drawDataset(seed, testLength, (i) => 2 ** 32 - 1 - i),
  };
}

function drawDataset(seed: number, length: number, imageNumber: (i: number) => number): TensorDataset<LabeledBatch> {
  if (!Number.isInteger(length) || length < 1 || length > LENGTH_MAX) {
    throw new GradwireError(
      'ERR_DATA_OPTION',
      `synthDigits: a length must be a whole number of 1 to ${LENGTH_MAX}, got ${length}`,
    );
  }
  const labels = Uint8Array.from({ length }, (_, i) => i % 10);
  const pixels = new Uint8Array(length * PIXELS);
  labels.forEach((digit, i) => {
    const generator = new Generator(seed, imageNumber(i));
    drawDigit(digit, () => generator.uniform(), pixels, i * PIXELS);
  });
  return digitDataset(pixels, labels);
}
