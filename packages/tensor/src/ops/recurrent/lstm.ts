import { isRecording, record, type Node } from '../../autograd.ts';
import { gradientsThrough } from '../../autograd/composed.ts';
import { noted } from '../../autograd/trace.ts';
import { ADD, gemm, OVERWRITE } from '../../kernels/gemm.ts';
import type { Shape } from '../../shape.ts';
import { Tensor } from '../../tensor.ts';
import { accumulate, copyInto, rowMajor } from '../accumulate.ts';
import { clone } from '../reshape.ts';
import { gatesOf, lstmCell, recurrence } from './composed-recurrence.ts';
import {
  biasGradients,
  checkRecurrent,
  commonBias,
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

export interface LstmWeights extends RecurrentWeights {
  /** [output, hidden]: makes the hidden state smaller (Sak et al. 2014); null for output = hidden. */
  readonly weightHr: Tensor | null;
}

/** What backward needs: activated gates, cell states and hidden states before their projection, a row each. */
interface Saved {
  readonly weights: LstmWeights;
  readonly steps: readonly TimeStep[];
  readonly shapes: readonly Shape[];
  readonly gates: Tensor;
  readonly cells: Tensor;
  readonly hidden: Tensor;
}

/**
 * A whole sequence through one layer of an LSTM, in one direction (Hochreiter & Schmidhuber 1997; Gers et al. 2000):
 * [i, f, g, o] = x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh, c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c), or that times W_hrᵀ.
 * x: [rows, input], packed by time steps of `batchSizes` sequences; h0: [sequences, output], c0: [sequences, hidden].
 * Returns h of every row, [rows, output], and each sequence's last h and c. Throws ShapeError, DTypeError.
 */
export function lstm(
  x: Tensor,
  batchSizes: readonly number[],
  h0: Tensor,
  c0: Tensor,
  weights: LstmWeights,
  { reverse = false }: RecurrentOptions = {},
): [output: Tensor, hN: Tensor, cN: Tensor] {
  const { weightIh, weightHh, biasIh, biasHh, weightHr } = weights;
  const [hiddenSize, outputSize] = [weightHh.shape[0] / 4, weightHh.shape[1]];
  const [rows, sequences] = [x.shape[0], batchSizes[0]];
  const states = [['h0', h0, outputSize] as const, ['c0', c0, hiddenSize] as const];
  checkBatchSizes('lstm', batchSizes, rows);
  checkRecurrent('lstm', x, states, weights, sequences);

  const shapes = [
    [rows, outputSize],
    [sequences, outputSize],
    [sequences, hiddenSize],
  ];
  const flat = emptyFlat(shapes, x.dtype);
  const [output, h, c] = partsOf(flat, shapes);
  copyInto(h, h0);
  copyInto(c, c0);
  const gates = inputGates(x, weightIh, commonBias(weights));
  const cells = Tensor.empty([rows, hiddenSize], x.dtype);
  const hidden = weightHr ? Tensor.empty([rows, hiddenSize], x.dtype) : output;
  const steps = timeSteps(batchSizes, reverse);
  const recurrent = transposed(weightHh);
  const projection = weightHr && transposed(weightHr);
  forEachStep(steps, h, output, ({ start, batch }, state, out) => {
    const [gate, cell] = [rowsOf(gates, start, batch), rowsOf(cells, start, batch)];
    gemm(gate, state, recurrent, ADD);
    const unprojected = projection ? rowsOf(hidden, start, batch) : out;
    runCell('lstmCell', batch, hiddenSize, gate, c, cell, unprojected);
    if (projection) gemm(out, unprojected, projection, OVERWRITE);
  });
  const all = [x, h0, c0, weightIh, weightHh, biasIh, biasHh, weightHr];
  const inputs = all.filter((input) => input !== null);
  const saved: Saved = { weights, steps, shapes, gates, cells, hidden };
  const results = resultsOf(record(flat, lstmGradient, inputs, saved), shapes) as [Tensor, Tensor, Tensor];
  return noted(results, 'lstm', all, { batchSizes, reverse });
}

function lstmGradient(grad: Tensor, { inputs, output: flat, saved }: Node): Gradient[] {
  if (isRecording()) return gradientsThrough(composedBy(saved as Saved), inputs, grad);
  const [x, h0, c0] = inputs;
  const { weights, steps, shapes, gates, cells, hidden } = saved as Saved;
  const { weightIh, weightHh, biasIh, biasHh, weightHr } = weights;
  const [output] = partsOf(flat, shapes);
  const [gradOutput, gradH, gradC] = partsOf(rowMajor(grad), shapes).map((part, i) => (i === 0 ? part : clone(part)));
  const statesH = statesBefore(output, h0, steps);
  const statesC = statesBefore(cells, c0, steps);
  const gradGates = Tensor.empty(gates.shape, x.dtype);
  const gradProjected = weightHr && Tensor.empty(output.shape, x.dtype);
  const gradHidden = weightHr ? Tensor.empty(c0.shape, x.dtype) : gradH;
  for (const { start, batch } of steps.toReversed()) {
    const gradState = rowsOf(gradH, 0, batch);
    accumulate(gradState, rowsOf(gradOutput, start, batch));
    if (gradProjected) {
      copyInto(rowsOf(gradProjected, start, batch), gradState);
      gemm(rowsOf(gradHidden, 0, batch), gradState, weightHr, OVERWRITE);
    }
    const [gradGate, gate, before, cell] = [gradGates, gates, statesC, cells].map((rows) => rowsOf(rows, start, batch));
    runCell('lstmCellGrad', batch, cells.shape[1], gradGate, gate, before, cell, gradHidden, gradC);
    gemm(gradState, gradGate, weightHh, OVERWRITE);
  }
  const gradients: Gradient[] = [
    inputGradient(x, weightIh, gradGates),
    gradH,
    gradC,
    weightGradient(weightIh, gradGates, x),
    weightGradient(weightHh, gradGates, statesH),
    ...biasGradients([biasIh, biasHh], gradGates),
  ];
  if (weightHr) gradients.push(weightGradient(weightHr, gradProjected!, hidden));
  return gradients;
}

/** The layer as a function of its inputs: x, the states, and those of its weights that there are. */
function composedBy({ weights, steps }: Saved) {
  return (x: Tensor, h0: Tensor, c0: Tensor, weightIh: Tensor, weightHh: Tensor, ...rest: Tensor[]): Tensor => {
    const [biasIh, biasHh] = [weights.biasIh, weights.biasHh].map((bias) => (bias ? rest.shift()! : null));
    return recurrence(x, [h0, c0], steps, gatesOf(weightIh, weightHh, biasIh, biasHh), lstmCell(rest[0] ?? null));
  };
}
