import { DTypeError, ShapeError, Tensor, type TensorHandle } from '@gradwire/tensor';
import type { Batch, Dataset } from './dataset.ts';
import { copyRows, mapRows } from './gather-rows.ts';

/**
 * Turns a uint8 value into the float32 (value / 255 − mean) / std, as torchvision's ToTensor and Normalize do.
 * A list holds one number for each channel, the second dimension of the column.
 */
export interface Normalization {
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

/** A TensorDataset as seen by another thread; can be posted as a message. */
export interface TensorDatasetHandle {
  readonly columns: Readonly<Record<string, TensorHandle>>;
  readonly normalize: Readonly<Record<string, Normalization>>;
  readonly bucketBy: TensorHandle | undefined;
}

export interface TensorDatasetOptions {
  /** [N] int32, owned by the dataset: samples of near numbers, such as lengths, come into one batch. */
  readonly bucketBy?: Tensor | undefined;
}

/**
 * Samples kept as tensors ("columns") whose first dimension is the sample: long-lived and contiguous, owned by the
 * dataset. A batch is made of the chosen rows of each column, in its dtype; a uint8 column named in `normalize` is
 * stored raw and becomes float32 when a batch is made.
 * Throws ShapeError if columns differ in length or a normalisation fits no channels, DTypeError if a column to normalise is
 * not uint8 or bucketBy is not int32, MemoryError if one belongs to a step.
 */
export class TensorDataset<B extends Batch = Batch> implements Dataset<B> {
  readonly length: number;
  readonly bucketBy: Int32Array | undefined;
  readonly #columns: readonly (readonly [name: string, rows: Tensor])[];
  readonly #tables = new Map<string, readonly Float32Array[]>();
  readonly #bucketTensor: Tensor | undefined;
  readonly #handle: TensorDatasetHandle;

  constructor(
    columns: B,
    normalize: { readonly [K in keyof B]?: Normalization } = {},
    { bucketBy }: TensorDatasetOptions = {},
  ) {
    this.#columns = Object.entries<Tensor>(columns);
    this.length = commonLength(this.#columns);
    this.#bucketTensor = bucketBy;
    this.bucketBy = bucketBy && bucketKeys(bucketBy, this.length);
    for (const [name, by] of Object.entries<Normalization | undefined>(normalize)) {
      if (by) this.#tables.set(name, normalizationTables(name, columns[name], by));
    }
    const handles = this.#columns.map(([name, rows]) => [name, rows.handle()] as const);
    this.#handle = {
      columns: Object.fromEntries(handles),
      normalize: { ...normalize } as Record<string, Normalization>,
      bucketBy: bucketBy?.handle(),
    };
  }

  static fromHandle({ columns, normalize, bucketBy }: TensorDatasetHandle): TensorDataset {
    const tensors = Object.entries(columns).map(([name, handle]) => [name, Tensor.fromHandle(handle)] as const);
    return new TensorDataset<Batch>(Object.fromEntries(tensors), normalize, {
      bucketBy: bucketBy && Tensor.fromHandle(bucketBy),
    });
  }

  /** Throws ShapeError if an index is not one of a sample. */
  batch(indices: Int32Array | readonly number[]): B {
    this.#checkIndices(indices);
    const batch: Record<string, Tensor> = {};
    for (const [name, rows] of this.#columns) {
      const tables = this.#tables.get(name);
      batch[name] = tables ? mapRows(rows, indices, tables) : copyRows(rows, indices);
    }
    return batch as Batch as B;
  }

  handle(): TensorDatasetHandle {
    return this.#handle;
  }

  /** Gives the memory of the columns back. */
  [Symbol.dispose](): void {
    for (const [, rows] of this.#columns) rows[Symbol.dispose]();
    this.#bucketTensor?.[Symbol.dispose]();
  }

  #checkIndices(indices: Int32Array | readonly number[]): void {
    for (const index of indices) {
      if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
        throw new ShapeError(`TensorDataset: index ${index} is not one of its ${this.length} samples`);
      }
    }
  }
}

function bucketKeys(keys: Tensor, length: number): Int32Array {
  if (keys.dtype !== 'int32') throw new DTypeError(`TensorDataset: bucketBy must be int32, got ${keys.dtype}`);
  if (keys.rank !== 1 || keys.size !== length) {
    throw new ShapeError(
      `TensorDataset: bucketBy [${keys.shape.join(', ')}] must hold one number for each of ${length} samples`,
    );
  }
  return keys.view() as Int32Array;
}

function commonLength(columns: readonly (readonly [string, Tensor])[]): number {
  const lengths = columns.map(([, rows]) => rows.shape[0]);
  if (lengths.length > 0 && lengths.every((length) => length !== undefined && length === lengths[0])) return lengths[0];
  const list = columns.map(([name, rows]) => `${name} [${rows.shape.join(', ')}]`).join(', ') || 'none';
  throw new ShapeError(`TensorDataset: columns need the same number of rows, got ${list}`);
}

/** The normalised value of each of the 256 uint8 values: one table, or one for each channel. */
function normalizationTables(name: string, rows: Tensor | undefined, { mean, std }: Normalization): Float32Array[] {
  if (rows?.dtype !== 'uint8') {
    throw new DTypeError(
      `TensorDataset: only a uint8 column can be normalised, ${name} is ${rows?.dtype ?? 'missing'}`,
    );
  }
  const channels = rows.shape[1];
  for (const numbers of [mean, std]) {
    if (typeof numbers !== 'number' && numbers.length !== channels) {
      throw new ShapeError(
        `TensorDataset: ${name} [${rows.shape.join(', ')}] has ${channels ?? 'no'} channels, but its normalisation has ` +
          `${numbers.length}; give one number, or one for each channel`,
      );
    }
  }
  const isByChannel = typeof mean !== 'number' || typeof std !== 'number';
  const of = (numbers: number | readonly number[], channel: number): number =>
    typeof numbers === 'number' ? numbers : numbers[channel]!;
  return Array.from({ length: isByChannel ? channels! : 1 }, (_, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - of(mean, channel)) / of(std, channel)),
  );
}
