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

/**
 * Runs each time step with the states before it and room for its output. States are rows of `h` [sequences, size], or of the output
 * of the step before where no sequence begins or ends between them; `h` ends as the last state of each sequence.
 */
export function forEachStep(
  steps: readonly TimeStep[],
  h: Tensor,
  output: Tensor,
  run: (step: TimeStep, state: Tensor, out: Tensor) => void,
): void {
  steps.forEach((step, i) => {
    const [before, { start, batch }, next] = [steps[i - 1], step, steps[i + 1]];
    const out = rowsOf(output, start, batch);
    run(step, before?.batch === batch ? rowsOf(output, before.start, batch) : rowsOf(h, 0, batch), out);
    if (next?.batch !== batch) copyInto(rowsOf(h, 0, batch), out);
  });
}

/** The state of each row's sequence before its step. after: [rows, size], the states after; initial: [sequences, size]. */
export function statesBefore(after: Tensor, initial: Tensor, steps: readonly TimeStep[]): Tensor {
  const before = Tensor.empty(after.shape, after.dtype);
  const first = rowMajor(initial);
  if (steps.every(({ batch }) => batch === first.shape[0])) return moveOn(before, after, first, steps[0]?.start ?? 0);
  let previous: TimeStep = { start: 0, batch: 0 };
  for (const { start, batch } of steps) {
    const begun = Math.min(previous.batch, batch);
    copyInto(rowsOf(before, start, begun), rowsOf(after, previous.start, begun));
    copyInto(rowsOf(before, start + begun, batch - begun), rowsOf(first, begun, batch - begun));
    previous = { start, batch };
  }
  return before;
}

/** The same where every step has all sequences: the states after, one step further. `start`: the first row of the first step. */
function moveOn(before: Tensor, after: Tensor, first: Tensor, start: number): Tensor {
  const [all, batch] = [after.shape[0], first.shape[0]];
  if (all === 0) return before;
  copyInto(rowsOf(before, start, batch), first);
  copyInto(rowsOf(before, start === 0 ? batch : 0, all - batch), rowsOf(after, start === 0 ? 0 : batch, all - batch));
  return before;
}
