import { fromTypedArray } from '@gradwire/tensor';
import { DIGIT_SIDE } from './draw-digit.ts';
import type { LabeledBatch } from './dataset.ts';
import { TensorDataset } from './tensor-dataset.ts';

/** Mean and standard deviation of MNIST's training pixels, scaled to 0 … 1. */
export const MNIST_NORMALIZATION = { mean: 0.1307, std: 0.3081 };

/**
 * A dataset of grey digits: pixels holds n images of [28, 28], labels n digits. Images stay uint8 on the heap; a batch
 * has x: [b, 1, 28, 28] float32, normalised as is usual for MNIST, and y: [b] int32.
 */
export function digitDataset(pixels: Uint8Array, labels: ArrayLike<number>): TensorDataset<LabeledBatch> {
  const x = fromTypedArray(pixels, [labels.length, 1, DIGIT_SIDE, DIGIT_SIDE]);
  const y = fromTypedArray(Int32Array.from(labels), [labels.length]);
  return new TensorDataset<LabeledBatch>({ x, y }, { x: MNIST_NORMALIZATION });
}
