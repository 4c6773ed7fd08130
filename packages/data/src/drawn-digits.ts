import { empty, fromTypedArray, Generator, Tensor, zeros, type TensorHandle } from '@gradwire/tensor';
import type { Dataset, LabeledBatch } from './dataset.ts';
import { MNIST_NORMALIZATION } from './digit-dataset.ts';
import { DIGIT_SIDE, drawDigit } from './draw-digit.ts';
import { TensorDataset, type TensorDatasetHandle } from './tensor-dataset.ts';

/** DrawnDigits as seen by another thread; can be posted as a message. */
export interface DrawnDigitsHandle {
  readonly digits: TensorDatasetHandle;
  readonly drawn: TensorHandle;
  readonly numbering: Numbering;
}

/** Image i of the set is drawn from the random numbers of stream first + i·step. */
export interface Numbering {
  readonly seed: number;
  readonly first: number;
  readonly step: 1 | -1;
}

const PIXELS = DIGIT_SIDE * DIGIT_SIDE;

/**
 * Digits that are drawn when a batch first asks for them, so that a training begins at once and all its threads draw. They
 * then lie in memory that the threads share. Two threads that draw the same image write the same bytes.
 */
export class DrawnDigits implements Dataset<LabeledBatch> {
  readonly length: number;
  readonly #digits: TensorDataset<LabeledBatch>;
  readonly #pixels: Uint8Array;
  readonly #drawn: Uint8Array;
  readonly #handle: DrawnDigitsHandle;

  private constructor(x: Tensor, digits: TensorDataset<LabeledBatch>, drawn: Tensor, numbering: Numbering) {
    this.length = digits.length;
    this.#digits = digits;
    this.#pixels = x.view() as Uint8Array;
    this.#drawn = drawn.view() as Uint8Array;
    this.#handle = { digits: digits.handle(), drawn: drawn.handle(), numbering };
  }

  /** Classes take turns: image i is of the digit i mod 10. */
  static create(length: number, numbering: Numbering): DrawnDigits {
    const x = empty([length, 1, DIGIT_SIDE, DIGIT_SIDE], { dtype: 'uint8' });
    const y = fromTypedArray(
      Int32Array.from({ length }, (_, i) => i % 10),
      [length],
    );
    const digits = new TensorDataset<LabeledBatch>({ x, y }, { x: MNIST_NORMALIZATION });
    return new DrawnDigits(x, digits, zeros([length], { dtype: 'uint8' }), numbering);
  }

  static fromHandle({ digits, drawn, numbering }: DrawnDigitsHandle): DrawnDigits {
    const dataset = TensorDataset.fromHandle(digits) as TensorDataset<LabeledBatch>;
    return new DrawnDigits(Tensor.fromHandle(digits.columns['x']!), dataset, Tensor.fromHandle(drawn), numbering);
  }

  /** x: [b, 1, 28, 28] float32, normalised as MNIST is, y: [b] int32. Throws ShapeError if an index is not one of an image. */
  batch(indices: Int32Array | readonly number[]): LabeledBatch {
    for (const i of indices) if (i >= 0 && i < this.length && Number.isInteger(i)) this.#draw(i);
    return this.#digits.batch(indices);
  }

  handle(): DrawnDigitsHandle {
    return this.#handle;
  }

  #draw(i: number): void {
    if (Atomics.load(this.#drawn, i) === 1) return;
    const { seed, first, step } = this.#handle.numbering;
    const generator = new Generator(seed, first + i * step);
    drawDigit(i % 10, () => generator.uniform(), this.#pixels, i * PIXELS);
    Atomics.store(this.#drawn, i, 1);
  }
}
