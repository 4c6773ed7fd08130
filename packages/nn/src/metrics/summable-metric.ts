import type { Tensor } from '@gradwire/tensor';

/**
 * A figure of a whole set of examples that is no mean of its batches, such as F1: `sums` of the batches are added
 * element by element, in any number of threads and processes, and `value` makes the figure of the totals.
 */
export interface SummableMetric<Batch = unknown> {
  /** Length of `sums`, the same for every batch. */
  readonly size: number;
  /** What one batch adds. output: what the model gave; target: what it should have given. */
  sums(output: Tensor, target: Tensor, batch: Batch): readonly number[];
  /** The figure; `sums` are those of all batches. */
  value(sums: readonly number[]): number;
}
