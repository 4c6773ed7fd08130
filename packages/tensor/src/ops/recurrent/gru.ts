import { isRecording, record, type Node } from '../../autograd.ts';
import { gradientsThrough } from '../../autograd/composed.ts';
import { noted } from '../../autograd/trace.ts';
import { ADD, FROM_BIAS, gemm, OVERWRITE } from '../../kernels/gemm.ts';
import type { Shape } from '../../shape.ts';
import { Tensor } from '../../tensor.ts';
import { accumulate, copyInto, rowMajor } from '../accumulate.ts';
import { clone } from '../reshape.ts';
import { gatesOf, gruCell, recurrence } from './composed-recurrence.ts';
import {
  biasGradients,
  checkRecurrent,
  inputGates,
  inputGradient,
  transposed,
  weightGradient,
  type Gradient,
  type RecurrentOptions,
  type RecurrentWeights,
} from './recurrent-weights.ts';
import { runCell } from './run-cell.ts';
import { emptyFlat, partsOf, resultsOf } from './sequence-outputs.ts';
import { checkBatchSizes, forEachStep, rowsOf, statesBefore, timeSteps, type TimeStep } from './time-steps.ts';

/** What backward needs: activated gates, and the state's part of the candidate before the reset gate, a row each. */
interface Saved {
  readonly weights: RecurrentWeights;
  readonly steps: readonly TimeStep[];
  readonly shapes: readonly Shape[];
  readonly gates: Tensor;
  readonly candidates: Tensor;
}

/**
 * A whole sequence through one layer of a GRU, in one direction (Cho et al. 2014; the reset gate acts after the product):
 * r = σ(x·W_irᵀ + b_ir + h·W_hrᵀ + b_hr), z alike, n = tanh(x·W_inᵀ + b_in + r·(h·W_hnᵀ + b_hn)), h ← (1 − z)·n + z·h.
 * x: [rows, input], packed by time steps of `batchSizes` sequences; h0: [sequences, hidden].
 * Returns h of every row, [rows, hidden], and each sequence's last h. Throws ShapeError, DTypeError.
 */
export function gru(
  x: Tensor,
  batchSizes: readonly number[],
  h0: Tensor,
  weights: RecurrentWeights,
  { reverse = false }: RecurrentOptions = {},
): [output: Tensor, hN: Tensor] {
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const size = weightHh.shape[1];
  const [rows, sequences] = [x.shape[0], batchSizes[0]];
  checkBatchSizes('gru', batchSizes, rows);
  checkRecurrent('gru', x, [['h0', h0, size]], weights, sequences);

  const shapes = [
    [rows, size],
    [sequences, size],
  ];
  const flat = emptyFlat(shapes, x.dtype);
  const [output, h] = partsOf(flat, shapes);
  copyInto(h, h0);
  const gates = inputGates(x, weightIh, biasIh && rowMajor(biasIh));
  const candidates = Tensor.empty([rows, size], x.dtype);
  const steps = timeSteps(batchSizes, reverse);
  const fromState = Tensor.empty([sequences, 3 * size], x.dtype);
  const recurrent = transposed(weightHh);
  const bias = biasHh && rowMajor(biasHh);
  forEachStep(steps, h, output, ({ start, batch }, state, out) => {
    gemm(rowsOf(fromState, 0, batch), state, recurrent, bias ? FROM_BIAS : OVERWRITE, bias);
    const [gate, candidate] = [rowsOf(gates, start, batch), rowsOf(candidates, start, batch)];
    runCell('gruCell', batch, size, gate, fromState, candidate, state, out);
  });
  const all = [x, h0, weightIh, weightHh, biasIh, biasHh];
  const inputs = all.filter((input) => input !== null);
  const saved: Saved = { weights, steps, shapes, gates, candidates };
  const results = resultsOf(record(flat, gruGradient, inputs, saved), shapes) as [Tensor, Tensor];
  return noted(results, 'gru', all, { batchSizes, reverse });
}

function gruGradient(grad: Tensor, { inputs, output: flat, saved }: Node): Gradient[] {
  if (isRecording()) return gradientsThrough(composedBy(saved as Saved), inputs, grad);
  const [x, h0] = inputs;
  const { weights, steps, shapes, gates, candidates } = saved as Saved;
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const [output] = partsOf(flat, shapes);
  const [gradOutput, gradLast] = partsOf(rowMajor(grad), shapes);
  const gradH = clone(gradLast);
  const states = statesBefore(output, h0, steps);
  const gradGates = Tensor.empty(gates.shape, x.dtype);
  const gradFromState = Tensor.empty(gates.shape, x.dtype);
  for (const { start, batch } of steps.toReversed()) {
    const gradState = rowsOf(gradH, 0, batch);
    accumulate(gradState, rowsOf(gradOutput, start, batch));
    const gradRecurrent = rowsOf(gradFromState, start, batch);
    const [gradGate, gate, candidate, before] = [gradGates, gates, candidates, states].map((rows) =>
      rowsOf(rows, start, batch),
    );
    runCell('gruCellGrad', batch, h0.shape[1], gradGate, gradRecurrent, gate, candidate, before, gradState);
    gemm(gradState, gradRecurrent, weightHh, ADD);
  }
  return [
    inputGradient(x, weightIh, gradGates),
    gradH,
    weightGradient(weightIh, gradGates, x),
    weightGradient(weightHh, gradFromState, states),
    ...biasGradients([biasIh], gradGates),
    ...biasGradients([biasHh], gradFromState),
  ];
}

/** The layer as a function of its inputs: x, h0, and those of its weights that there are. */
function composedBy({ weights, steps }: Saved) {
  return (x: Tensor, h0: Tensor, weightIh: Tensor, weightHh: Tensor, ...rest: Tensor[]): Tensor => {
    const [biasIh, biasHh] = [weights.biasIh, weights.biasHh].map((bias) => (bias ? rest.shift()! : null));
    return recurrence(x, [h0], steps, gatesOf(weightIh, weightHh, biasIh, biasHh), gruCell);
  };
}
