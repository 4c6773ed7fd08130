import { GradwireError } from '@gradwire/tensor';
import type { DataSplits, LabeledBatch } from './dataset.ts';
import { DrawnDigits } from './drawn-digits.ts';

export interface SynthDigitsOptions {
  readonly seed?: number;
  readonly trainLength?: number;
  readonly testLength?: number;
}

const LENGTH_MAX = 1_000_000;

/**
 * SynthDigits: handwritten-looking digits drawn when they are first asked for, 10,000 to train and 2,000 to test unless told otherwise,
 * in the form of `mnist`: x [b, 1, 28, 28] float32, y [b] int32. Classes take turns, so they are balanced.
 * Image i is a pure function of (seed, i); the test set's images are numbered downwards from 2³² − 1.
 */
export function synthDigits({
  seed = 0,
  trainLength = 10_000,
  testLength = 2_000,
}: SynthDigitsOptions = {}): DataSplits<LabeledBatch> {
  for (const length of [trainLength, testLength]) checkLength(length);
  return {
    train: DrawnDigits.create(trainLength, { seed, first: 0, step: 1 }),
    test: DrawnDigits.create(testLength, { seed, first: 2 ** 32 - 1, step: -1 }),
  };
}

function checkLength(length: number): void {
  if (Number.isInteger(length) && length >= 1 && length <= LENGTH_MAX) return;
  throw new GradwireError(
    'ERR_DATA_OPTION',
    `synthDigits: a length must be a whole number of 1 to ${LENGTH_MAX}, got ${length}`,
  );
}
