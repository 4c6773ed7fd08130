import { fromTypedArray, ShapeError, type Tensor } from '@gradwire/tensor';
import type { Batch } from './dataset.ts';
import { padTokens } from './pad-tokens.ts';
import { TensorDataset } from './tensor-dataset.ts';

/** Padded sources x: [b, S] int32 and targets y: [b, T] int32, with xLengths and yLengths: [b] int32 before padding. */
export interface SequencePairBatch extends Batch {
  readonly x: Tensor;
  readonly xLengths: Tensor;
  readonly y: Tensor;
  readonly yLengths: Tensor;
}

export interface SequencePairOptions {
  /** Stands before the first token of each target. */
  readonly start: number;
  /** Stands behind the last token of each source and target. */
  readonly end: number;
  /** What follows a sequence that is shorter than the longest; 0 by default. */
  readonly padding?: number;
}

/**
 * Pairs of sequences, such as sentences and their translations: sources[i] and `end`; `start`, targets[i] and `end`.
 * Shuffled batches hold targets of about equal length, and among these sources of about equal length (`bucketBy`), so that
 * `trimPadding` leaves little padding. Throws ShapeError without pairs, or for unequal numbers of sources and targets.
 */
export function sequencePairDataset(
  sources: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
  { start, end, padding = 0 }: SequencePairOptions,
): TensorDataset<SequencePairBatch> {
  if (sources.length !== targets.length) {
    throw new ShapeError(`sequencePairDataset: ${sources.length} sources, but ${targets.length} targets`);
  }
  const x = padTokens(
    sources.map((source) => [...Array.from(source), end]),
    { padding },
  );
  const y = padTokens(
    targets.map((target) => [start, ...Array.from(target), end]),
    { padding },
  );
  const [, width] = x.tokens.shape;
  const keys = Int32Array.from(sources, (source, i) => targets[i]!.length * (width! + 1) + source.length);
  return new TensorDataset<SequencePairBatch>(
    { x: x.tokens, xLengths: x.lengths, y: y.tokens, yLengths: y.lengths },
    {},
    { bucketBy: fromTypedArray(keys, [keys.length]) },
  );
}
