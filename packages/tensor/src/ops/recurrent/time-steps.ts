/**
 * Sequences of unequal lengths as rows without padding: all sequences' first elements, then all second ones, and so on;
 * the longest sequence comes first, so that row i of every time step belongs to sequence i.
 */
import { ShapeError } from '../../errors.ts';
import { show } from '../../shape.ts';
import { Tensor } from '../../tensor.ts';
import { copyInto, rowMajor } from '../accumulate.ts';
import { viewOf } from '../reshape.ts';

/** The rows of one time step: `batch` of them from row `start` on. */
export interface TimeStep {
  readonly start: number;
  readonly batch: number;
}

/** The time steps in the order in which they are computed. batchSizes: how many sequences reach each time step. */
export function timeSteps(batchSizes: readonly number[], reverse: boolean): TimeStep[] {
  let start = 0;
  const steps = batchSizes
    .filter((batch) => batch > 0)
    .map((batch) => {
      start += batch;
      return { start: start - batch, batch };
    });
  return reverse ? steps.reverse() : steps;
}

/** Throws ShapeError unless batchSizes fall and add up to the number of rows. */
export function checkBatchSizes(where: string, batchSizes: readonly number[], rows: number): void {
  const falls = batchSizes.every(
    (size, t) => Number.isInteger(size) && size >= 0 && size <= (batchSizes[t - 1] ?? size),
  );
  const total = batchSizes.reduce((sum, size) => sum + size, 0);
  if (batchSizes.length === 0 || !falls || total !== rows) {
    throw new ShapeError(
      `${where}: batch sizes ${show(batchSizes)} must not grow from step to step, and add up to the ${rows} rows of x`,
    );
  }
}

/** Rows `start` … `start + count − 1` of a row-major matrix: a view, no gradient. */
export function rowsOf(matrix: Tensor, start: number, count: number): Tensor {
  return viewOf(matrix, [count, matrix.shape[1]], null, start * matrix.shape[1]);
}

/** The state of each row's sequence before its step. after: [rows, size], the states after; initial: [sequences, size]. */
export function statesBefore(after: Tensor, initial: Tensor, steps: readonly TimeStep[]): Tensor {
  const before = Tensor.empty(after.shape, after.dtype);
  const first = rowMajor(initial);
  let previous: TimeStep = { start: 0, batch: 0 };
  for (const { start, batch } of steps) {
    const begun = Math.min(previous.batch, batch);
    copyInto(rowsOf(before, start, begun), rowsOf(after, previous.start, begun));
    copyInto(rowsOf(before, start + begun, batch - begun), rowsOf(first, begun, batch - begun));
    previous = { start, batch };
  }
  return before;
}
