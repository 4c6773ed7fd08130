import { fromTypedArray } from '@gradwire/tensor';
import type { LabeledBatch } from './dataset.ts';
import { TensorDataset } from './tensor-dataset.ts';

/** Height and width of CIFAR-10's images, and of the shapes that are drawn in their place. */
export const COLOR_SIDE = 32;

/** Bytes of an image: 1024 red, 1024 green and 1024 blue values. */
export const COLOR_BYTES = 3 * COLOR_SIDE * COLOR_SIDE;

/** Mean and standard deviation of each channel of CIFAR-10's training pixels, scaled to 0 … 1. */
const CIFAR10_NORMALIZATION = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

/**
 * A dataset of coloured images: pixels holds n images of [3, 32, 32], labels their classes. Images stay uint8 on the
 * heap; a batch has x: [b, 3, 32, 32] float32, normalised as is usual for CIFAR-10, and y: [b] int32.
 */
export function colorDataset(pixels: Uint8Array, labels: ArrayLike<number>): TensorDataset<LabeledBatch> {
  const x = fromTypedArray(pixels, [labels.length, 3, COLOR_SIDE, COLOR_SIDE]);
  const y = fromTypedArray(Int32Array.from(labels), [labels.length]);
  return new TensorDataset<LabeledBatch>({ x, y }, { x: CIFAR10_NORMALIZATION });
}
