import { DTypeError, empty, fromTypedArray, GradwireError, heapViews, ShapeError, Tensor } from '@gradwire/tensor';
import type { TensorHandle } from '@gradwire/tensor';
import type { Dataset, LabeledBatch } from './dataset.ts';

/** A TokenWindows as seen by another thread; can be posted as a message. */
export interface TokenWindowsHandle {
  readonly tokens: TensorHandle;
  readonly contextLength: number;
  readonly stride: number;
}

/**
 * Windows of one stream of tokens, from which the next token is learned: sample i begins at token i·stride. A batch has
 * x: [b, contextLength] int32 and y: the same, one token further on. The stream is stored once, and belongs to the
 * dataset; the tokens behind the last whole window are left out.
 * Throws DTypeError or ShapeError if tokens are not [n] int32 with n > contextLength, ERR_DATA_OPTION.
 */
export class TokenWindows implements Dataset<LabeledBatch> {
  readonly length: number;
  readonly #tokens: Tensor;
  readonly #contextLength: number;
  readonly #stride: number;

  /** `stride` is contextLength by default: every token is learned once in an epoch. */
  constructor(tokens: Tensor | Int32Array, contextLength: number, options: { readonly stride?: number } = {}) {
    const stream = tokens instanceof Tensor ? tokens : fromTypedArray(tokens, [tokens.length]);
    const { stride = contextLength } = options;
    for (const [name, value] of Object.entries({ contextLength, stride })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new GradwireError('ERR_DATA_OPTION', `TokenWindows: ${name} must be a whole number above 0, got ${value}`);
    }
    if (stream.dtype !== 'int32') throw new DTypeError(`TokenWindows: tokens must be int32, got ${stream.dtype}`);
    if (stream.rank !== 1 || stream.size <= contextLength) {
      throw new ShapeError(
        `TokenWindows: tokens [${stream.shape.join(', ')}] must be [n] with n > contextLength ${contextLength}`,
      );
    }
    this.length = Math.floor((stream.size - 1 - contextLength) / stride) + 1;
    this.#tokens = stream;
    this.#contextLength = contextLength;
    this.#stride = stride;
  }

  static fromHandle({ tokens, contextLength, stride }: TokenWindowsHandle): TokenWindows {
    return new TokenWindows(Tensor.fromHandle(tokens), contextLength, { stride });
  }

  /** Throws ShapeError if an index is not one of a sample. */
  batch(indices: Int32Array | readonly number[]): LabeledBatch {
    for (const index of indices) {
      if (Number.isInteger(index) && index >= 0 && index < this.length) continue;
      throw new ShapeError(`TokenWindows: index ${index} is not one of its ${this.length} samples`);
    }
    return { x: this.#windows(indices, 0), y: this.#windows(indices, 1) };
  }

  handle(): TokenWindowsHandle {
    return { tokens: this.#tokens.handle(), contextLength: this.#contextLength, stride: this.#stride };
  }

  /** Gives the memory of the tokens back. */
  [Symbol.dispose](): void {
    this.#tokens[Symbol.dispose]();
  }

  #windows(indices: Int32Array | readonly number[], shift: number): Tensor {
    const windows = empty([indices.length, this.#contextLength], { dtype: 'int32' });
    const { u8 } = heapViews();
    const bytes = 4 * this.#contextLength;
    for (let i = 0; i < indices.length; i++) {
      const from = this.#tokens.address + 4 * (indices[i] * this.#stride + shift);
      u8.copyWithin(windows.address + i * bytes, from, from + bytes);
    }
    return windows;
  }
}
