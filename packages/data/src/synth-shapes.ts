import { Generator, GradwireError } from '@gradwire/tensor';
import { COLOR_BYTES, colorDataset } from './color-images.ts';
import type { DataSplits, LabeledBatch } from './dataset.ts';
import { drawShape, SHAPES } from './draw-shape.ts';
import type { TensorDataset } from './tensor-dataset.ts';

export interface SynthShapesOptions {
  readonly seed?: number;
  readonly trainLength?: number;
  readonly testLength?: number;
}

const LENGTH_MAX = 100_000;

/**
 * SynthShapes: coloured shapes drawn on the spot, 2,000 to train and 500 to test unless told otherwise, in the form of
 * `cifar10`: x [b, 3, 32, 32] float32, y [b] int32. The eight classes take turns: disc, ring, square, frame, triangle,
 * cross, bar, half disc. Image i is a pure function of (seed, i); the test set's images are numbered downwards from 2³² − 1.
 */
export function synthShapes({
  seed = 0,
  trainLength = 2_000,
  testLength = 500,
}: SynthShapesOptions = {}): DataSplits<LabeledBatch> {
  return {
    train: drawDataset(seed, trainLength, (i) => i),
    test: drawDataset(seed, testLength, (i) => 2 ** 32 - 1 - i),
  };
}

function drawDataset(seed: number, length: number, imageNumber: (i: number) => number): TensorDataset<LabeledBatch> {
  if (!Number.isInteger(length) || length < 1 || length > LENGTH_MAX) {
    throw new GradwireError(
      'ERR_DATA_OPTION',
      `synthShapes: a length must be a whole number of 1 to ${LENGTH_MAX}, got ${length}`,
    );
  }
  const labels = Uint8Array.from({ length }, (_, i) => i % SHAPES.length);
  const pixels = new Uint8Array(length * COLOR_BYTES);
  labels.forEach((kind, i) => {
    const generator = new Generator(seed, imageNumber(i));
    drawShape(kind, () => generator.uniform(), pixels, i * COLOR_BYTES);
  });
  return colorDataset(pixels, labels);
}
