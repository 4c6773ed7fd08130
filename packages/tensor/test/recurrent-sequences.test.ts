import { describe, expect, it } from 'vitest';
import { step } from '../src/heap/step.ts';
import '../src/methods.ts';
import { cat } from '../src/ops/join.ts';
import { gatesOf, gruCell, lstmCell, recurrence, rnnCell } from '../src/ops/recurrent/composed-recurrence.ts';
import { gru } from '../src/ops/recurrent/gru.ts';
import { lstm } from '../src/ops/recurrent/lstm.ts';
import { rnn } from '../src/ops/recurrent/rnn.ts';
import { timeSteps, type TimeStep } from '../src/ops/recurrent/time-steps.ts';
import { Generator } from '../src/random/generator.ts';
import type { Tensor } from '../src/tensor.ts';

const SIZE = 5;
const PROJECTED = 2;

/** Numbers of sequences at each step: equal, falling, ending at once, some steps of none, one step. */
const BATCHES = [[4, 4, 4, 4], [6, 6, 4, 4, 4, 1], [5, 4, 3, 2, 1], [3, 1, 1, 1], [3, 3, 0, 0], [4]];

interface Layer {
  readonly name: string;
  readonly gates: number;
  /** Sizes of the states, the output first. */
  readonly states: readonly number[];
  readonly isProjected: boolean;
  /** All results, one behind the other. */
  readonly fused: (x: Tensor, sizes: number[], states: Tensor[], weights: Tensor[], reverse: boolean) => Tensor;
  readonly composed: (x: Tensor, steps: TimeStep[], states: Tensor[], weights: Tensor[]) => Tensor;
}

const named = ([weightIh, weightHh, biasIh, biasHh, weightHr]: Tensor[]) => ({
  weightIh: weightIh!,
  weightHh: weightHh!,
  biasIh: biasIh!,
  biasHh: biasHh!,
  weightHr: weightHr ?? null,
});
const gates = ([wIh, wHh, bIh, bHh]: Tensor[]) => gatesOf(wIh!, wHh!, bIh!, bHh!);
const flat = (results: readonly Tensor[]): Tensor => cat(results.map((result) => result.flatten()));

const lstmOf = (name: string, output: number): Layer => ({
  name,
  gates: 4,
  states: [output, SIZE],
  isProjected: output !== SIZE,
  fused: (x, sizes, [h, c], weights, reverse) => flat(lstm(x, sizes, h!, c!, named(weights), { reverse })),
  composed: (x, steps, states, weights) => recurrence(x, states, steps, gates(weights), lstmCell(weights[4] ?? null)),
});

const LAYERS: readonly Layer[] = [
  lstmOf('lstm', SIZE),
  lstmOf('lstm with a projection', PROJECTED),
  {
    name: 'gru',
    gates: 3,
    states: [SIZE],
    isProjected: false,
    fused: (x, sizes, [h], weights, reverse) => flat(gru(x, sizes, h!, named(weights), { reverse })),
    composed: (x, steps, states, weights) => recurrence(x, states, steps, gates(weights), gruCell),
  },
  {
    name: 'rnn',
    gates: 1,
    states: [SIZE],
    isProjected: false,
    fused: (x, sizes, [h], weights, reverse) => flat(rnn(x, sizes, h!, named(weights), { reverse })),
    composed: (x, steps, states, weights) => recurrence(x, states, steps, gates(weights), rnnCell('tanh')),
  },
];

/** Results, and gradients of [x, states, weights], for gradients of all results that differ from each other. */
function run(
  layer: Layer,
  sizes: number[],
  inputs: number,
  compute: (x: Tensor, states: Tensor[], weights: Tensor[]) => Tensor,
) {
  const generator = new Generator(5);
  const draw = (...shape: number[]): Tensor => generator.randn(shape).mul(0.5).detach().requiresGrad_();
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  const wide = layer.gates * SIZE;
  const x = draw(rows, inputs);
  const states = layer.states.map((size) => draw(sizes[0]!, size));
  const weights = [draw(wide, inputs), draw(wide, layer.states[0]!), draw(wide), draw(wide)];
  if (layer.isProjected) weights.push(draw(PROJECTED, SIZE));
  const out = compute(x, states, weights);
  out.backward(generator.randn(out.shape));
  return [out.detach(), ...[x, ...states, ...weights].map((input) => input.grad!)];
}

describe.each(LAYERS)('$name', (layer) => {
  const cases = BATCHES.flatMap((sizes) =>
    [false, true].map((reverse, i) => ({ sizes, reverse, inputs: [3, 40][i]! })),
  );
  it.each(cases)(
    'gives over steps of $sizes sequences, reverse: $reverse, what its cell gives step by step, with all gradients',
    ({ sizes, reverse, inputs }) => {
      step(() => {
        const fused = run(layer, sizes, inputs, (x, states, weights) =>
          layer.fused(x, sizes, states, weights, reverse),
        );
        const steps = timeSteps(sizes, reverse);
        const plain = run(layer, sizes, inputs, (x, states, weights) => layer.composed(x, steps, states, weights));
        fused.forEach((tensor, i) => {
          expect(tensor.shape).toEqual(plain[i]!.shape);
          if (tensor.size > 0) expect(tensor.sub(plain[i]!).abs().max().item()).toBeLessThan(2e-5);
        });
      });
    },
  );
});
