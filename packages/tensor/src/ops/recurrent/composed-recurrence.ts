/** Recurrent layers step by step, made of recorded operations: what the fused ones compute, for second gradients. */
import type { Tensor } from '../../tensor.ts';
import { relu, sigmoid, tanh } from '../activation.ts';
import { add, mul, sub } from '../arithmetic.ts';
import { cat, chunk } from '../join.ts';
import { linear } from '../linear.ts';
import { narrow, reshape } from '../reshape.ts';
import type { TimeStep } from './time-steps.ts';

/** All gates of some rows of the input, and of the states before: x·W_ihᵀ + b_ih and h·W_hhᵀ + b_hh. */
type Gates = (x: Tensor, h: Tensor) => readonly [fromInput: Tensor, fromState: Tensor];

/** The states after a step (the first is the output), given the gates of its rows and their states before. */
export type Cell = (gates: readonly [Tensor, Tensor], states: readonly Tensor[]) => readonly Tensor[];

/** The output of every row and each sequence's last states, one behind the other, as the fused operations lay them. */
export function recurrence(
  x: Tensor,
  initial: readonly Tensor[],
  steps: readonly TimeStep[],
  gates: Gates,
  cell: Cell,
): Tensor {
  let states = initial;
  const outputs = steps.map(({ start, batch }) => {
    const before = states.map((state) => narrow(state, 0, 0, batch));
    const after = cell(gates(narrow(x, 0, start, batch), before[0]), before);
    states = states.map((state, i) => cat([after[i], narrow(state, 0, batch, state.shape[0] - batch)]));
    return { start, output: after[0] };
  });
  const inOrder = outputs.sort((a, b) => a.start - b.start).map(({ output }) => output);
  return cat([...inOrder, ...states].map((part) => reshape(part, [part.size])));
}

/** The gates by a layer's weights. */
export function gatesOf(weightIh: Tensor, weightHh: Tensor, biasIh: Tensor | null, biasHh: Tensor | null): Gates {
  return (x, h) => [linear(x, weightIh, biasIh), linear(h, weightHh, biasHh)];
}

export const rnnCell =
  (nonlinearity: 'tanh' | 'relu'): Cell =>
  ([fromInput, fromState]) => {
    const sum = add(fromInput, fromState);
    return [nonlinearity === 'tanh' ? tanh(sum) : relu(sum)];
  };

export const lstmCell =
  (weightHr: Tensor | null): Cell =>
  ([fromInput, fromState], [, c]) => {
    const [i, f, g, o] = chunk(add(fromInput, fromState), 4, 1);
    const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
    const hidden = mul(sigmoid(o), tanh(cell));
    return [weightHr ? linear(hidden, weightHr) : hidden, cell];
  };

export const gruCell: Cell = ([fromInput, fromState], [h]) => {
  const [[ri, zi, ni], [rh, zh, nh]] = [chunk(fromInput, 3, 1), chunk(fromState, 3, 1)];
  const candidate = tanh(add(ni, mul(sigmoid(add(ri, rh)), nh)));
  return [add(candidate, mul(sigmoid(add(zi, zh)), sub(h, candidate)))];
};
