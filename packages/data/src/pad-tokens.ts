import { fromTypedArray, ShapeError, type Tensor } from '@gradwire/tensor';
import type { Batch } from './dataset.ts';
import { TensorDataset } from './tensor-dataset.ts';

export interface PadTokensOptions {
  /** Columns of the result; the longest row by default. Longer rows lose their end. */
  readonly length?: number;
  /** What follows the last token of a shorter row; 0 by default. */
  readonly padding?: number;
}

/** Padded rows of token numbers x: [b, T] int32, lengths: [b] int32 before padding, one class a row y: [b] int32. */
export interface SequenceBatch extends Batch {
  readonly x: Tensor;
  readonly lengths: Tensor;
  readonly y: Tensor;
}

/**
 * N rows of token numbers as tokens: [N, T] int32, and how many of each row's tokens are real as lengths: [N] int32.
 * Throws ShapeError without rows, or for a length that is no whole number from 1.
 */
export function padTokens(
  rows: readonly ArrayLike<number>[],
  { length = longest(rows), padding = 0 }: PadTokensOptions = {},
): { tokens: Tensor; lengths: Tensor } {
  if (rows.length === 0 || !Number.isInteger(length) || length < 1) {
    throw new ShapeError(`padTokens: needs a row and a length of 1 or more, got ${rows.length} rows, length ${length}`);
  }
  const table = new Int32Array(rows.length * length).fill(padding);
  const lengths = Int32Array.from(rows, (row) => Math.min(row.length, length));
  rows.forEach((row, i) => {
    for (let t = 0; t < lengths[i]; t++) table[i * length + t] = row[t];
  });
  return {
    tokens: fromTypedArray(table, [rows.length, length]),
    lengths: fromTypedArray(lengths, [rows.length]),
  };
}

/** Rows of token numbers with one class each, padded as by padTokens. */
export function sequenceDataset(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  options: PadTokensOptions = {},
): TensorDataset<SequenceBatch> {
  const { tokens, lengths } = padTokens(rows, options);
  const y = fromTypedArray(Int32Array.from(labels), [labels.length]);
  return new TensorDataset<SequenceBatch>({ x: tokens, lengths, y });
}

/** Cuts padded tokens [b, T] to the longest row of the batch: [b, max(lengths)], a view. */
export function trimPadding(tokens: Tensor, lengths: Tensor): Tensor {
  return tokens.narrow(1, 0, Math.max(0, ...lengths.data()));
}

function longest(rows: readonly ArrayLike<number>[]): number {
  return rows.reduce((most, { length }) => Math.max(most, length), 0);
}
