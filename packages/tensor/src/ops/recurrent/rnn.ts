import { isRecording, record, type Node } from '../../autograd.ts';
import { gradientsThrough } from '../../autograd/composed.ts';
import { noted } from '../../autograd/trace.ts';
import { block } from '../../kernels/block.ts';
import { kernelsFor } from '../../kernels/dispatch.ts';
import { ADD, gemm, OVERWRITE } from '../../kernels/gemm.ts';
import { bindOperands } from '../../kernels/operands.ts';
import type { Shape } from '../../shape.ts';
import { Tensor } from '../../tensor.ts';
import { accumulate, copyInto, rowMajor } from '../accumulate.ts';
import { clone } from '../reshape.ts';
import { gatesOf, recurrence, rnnCell } from './composed-recurrence.ts';
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
import { emptyFlat, partsOf, resultsOf } from './sequence-outputs.ts';
import { checkBatchSizes, forEachStep, rowsOf, statesBefore, timeSteps, type TimeStep } from './time-steps.ts';

interface Saved {
  readonly weights: RecurrentWeights;
  readonly nonlinearity: 'tanh' | 'relu';
  readonly steps: readonly TimeStep[];
  readonly shapes: readonly Shape[];
}

/**
 * A whole sequence through one layer of a plain recurrent network, in one direction (Elman 1990):
 * h ← tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh), or max(…, 0).
 * x: [rows, input], packed by time steps of `batchSizes` sequences; h0: [sequences, hidden].
 * Returns h of every row, [rows, hidden], and each sequence's last h. Throws ShapeError, DTypeError.
 */
export function rnn(
  x: Tensor,
  batchSizes: readonly number[],
  h0: Tensor,
  weights: RecurrentWeights,
  { reverse = false, nonlinearity = 'tanh' }: RecurrentOptions & { readonly nonlinearity?: 'tanh' | 'relu' } = {},
): [output: Tensor, hN: Tensor] {
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const size = weightHh.shape[1];
  const [rows, sequences] = [x.shape[0], batchSizes[0]];
  checkBatchSizes('rnn', batchSizes, rows);
  checkRecurrent('rnn', x, [['h0', h0, size]], weights, sequences);

  const shapes = [
    [rows, size],
    [sequences, size],
  ];
  const flat = emptyFlat(shapes, x.dtype);
  const [output, h] = partsOf(flat, shapes);
  copyInto(h, h0);
  copyInto(output, inputGates(x, weightIh, commonBias(weights)));
  const steps = timeSteps(batchSizes, reverse);
  const recurrent = transposed(weightHh);
  forEachStep(steps, h, output, (_, state, out) => {
    gemm(out, state, recurrent, ADD);
    activate(out, nonlinearity);
  });
  const all = [x, h0, weightIh, weightHh, biasIh, biasHh];
  const inputs = all.filter((input) => input !== null);
  const saved: Saved = { weights, nonlinearity, steps, shapes };
  const results = resultsOf(record(flat, rnnGradient, inputs, saved), shapes) as [Tensor, Tensor];
  return noted(results, 'rnn', all, { batchSizes, reverse, nonlinearity });
}

function rnnGradient(grad: Tensor, { inputs, output: flat, saved }: Node): Gradient[] {
  if (isRecording()) return gradientsThrough(composedBy(saved as Saved), inputs, grad);
  const [x, h0] = inputs;
  const { weights, nonlinearity, steps, shapes } = saved as Saved;
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const [output] = partsOf(flat, shapes);
  const [gradOutput, gradLast] = partsOf(rowMajor(grad), shapes);
  const gradH = clone(gradLast);
  const gradGates = Tensor.empty(output.shape, x.dtype);
  for (const { start, batch } of steps.toReversed()) {
    const [gradState, gradGate] = [rowsOf(gradH, 0, batch), rowsOf(gradGates, start, batch)];
    accumulate(gradState, rowsOf(gradOutput, start, batch));
    activateGradient(gradGate, gradState, rowsOf(output, start, batch), nonlinearity);
    gemm(gradState, gradGate, weightHh, OVERWRITE);
  }
  return [
    inputGradient(x, weightIh, gradGates),
    gradH,
    weightGradient(weightIh, gradGates, x),
    weightGradient(weightHh, gradGates, statesBefore(output, h0, steps)),
    ...biasGradients([biasIh, biasHh], gradGates),
  ];
}

/** The layer as a function of its inputs: x, h0, and those of its weights that there are. */
function composedBy({ weights, nonlinearity, steps }: Saved) {
  return (x: Tensor, h0: Tensor, weightIh: Tensor, weightHh: Tensor, ...rest: Tensor[]): Tensor => {
    const [biasIh, biasHh] = [weights.biasIh, weights.biasHh].map((bias) => (bias ? rest.shift()! : null));
    return recurrence(x, [h0], steps, gatesOf(weightIh, weightHh, biasIh, biasHh), rnnCell(nonlinearity));
  };
}

/** x = f(x), in place. */
function activate(x: Tensor, nonlinearity: 'tanh' | 'relu'): void {
  if (x.size === 0) return;
  const kernels = kernelsFor(x.dtype);
  bindOperands(x, x);
  kernels[nonlinearity](block);
}

/** out = grad·f′, by the value y of f. */
function activateGradient(out: Tensor, grad: Tensor, y: Tensor, nonlinearity: 'tanh' | 'relu'): void {
  if (out.size === 0) return;
  const kernels = kernelsFor(out.dtype);
  bindOperands(out, grad, y);
  kernels[nonlinearity === 'tanh' ? 'tanhGrad' : 'reluGrad'](block);
}
