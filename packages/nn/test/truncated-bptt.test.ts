import { fromTypedArray, memoryUsage, step, zeros, type Tensor } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { Linear } from '../src/layers/linear.ts';
import { mseLoss } from '../src/losses/mse.ts';
import { clipGradNorm_ } from '../src/optim/clip-grad.ts';
import { SGD } from '../src/optim/sgd.ts';
import { LSTM } from '../src/recurrent/lstm.ts';

const [TIMES, ROWS] = [4, 2];

/** The results of PyTorch 1.13 in float64 for the same weights and waves. */
const EXPECTED = {
  losses: [0.56287353, 0.55048699, 0.55904964, 0.51312614, 0.49396287],
  gradientNorms: [0.43836914, 0.15776277, 0.13499558, 0.14795935, 0.44150736],
  h: [
    0.07953732, 0.19580848, -0.03326098, 0.01931096, 0.24152227, -0.02267153, -0.14038136, 0.19425029, -0.0063421,
    -0.13755459, 0.19558373, -0.01245523,
  ],
  c: [
    0.20360269, 0.37629135, -0.05350268, 0.06038942, 0.38993286, -0.04685207, -0.35291136, 0.34783399, -0.0110524,
    -0.3449227, 0.34509787, -0.02148531,
  ],
  weights: [-0.10257136, -0.37022278, 0.19796133, -0.39746651, 0.0655479, 0.38003917],
};

const wave = (shape: readonly number[], value: (i: number) => number): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: shape.reduce((product, n) => product * n) }, (_, i) => value(i)),
    shape,
  );

/** An LSTM of two layers that learns windows of one long sequence; its states go on from window to window, detached. */
function learner() {
  const [lstm, head] = [new LSTM(2, 3, { numLayers: 2 }), new Linear(3, 1)];
  const parameters = [...lstm.parameters(), ...head.parameters()];
  let first = 0;
  for (const parameter of parameters) {
    const view = parameter.view();
    view.forEach((_, i) => (view[i] = 0.4 * Math.sin(1.7 * (first + i) + 0.3)));
    first += view.length;
  }
  const optimizer = new SGD(parameters, { lr: 0.1, momentum: 0.9 });
  let states = [zeros([2, ROWS, 3]), zeros([2, ROWS, 3])] as [Tensor, Tensor];
  const window = (w: number): { loss: number; gradientNorm: number } => {
    const figures = { loss: 0, gradientNorm: 0 };
    const next = step((): [Tensor, Tensor] => {
      const x = wave([TIMES, ROWS, 2], (i) => Math.cos(0.9 * (w * 100 + i)));
      const y = wave([TIMES, ROWS, 1], (i) => Math.sin(0.7 * (w * 50 + i)));
      const [outputs, h, c] = lstm.forward(x, ...states);
      const loss = mseLoss(head.forward(outputs), y);
      optimizer.zeroGrad();
      loss.backward();
      figures.loss = loss.item();
      figures.gradientNorm = clipGradNorm_(parameters, 1e9);
      optimizer.step();
      return [h.detach(), c.detach()];
    });
    for (const state of states) state[Symbol.dispose]();
    states = next;
    return figures;
  };
  const result = (): { h: number[]; c: number[]; weights: number[] } => ({
    h: [...states[0].data()],
    c: [...states[1].data()],
    weights: [...lstm.stateDict().get('weight_hh_l0')!.data().slice(0, 3), ...head.weight.data()],
  });
  return { window, result };
}

it('an LSTM that carries its detached states over windows learns as in PyTorch, gradients and all', () => {
  const { window, result } = learner();
  const figures = EXPECTED.losses.map((_, w) => window(w));
  const found = {
    losses: figures.map(({ loss }) => loss),
    gradientNorms: figures.map(({ gradientNorm }) => gradientNorm),
    ...result(),
  };
  for (const name of Object.keys(EXPECTED) as (keyof typeof EXPECTED)[]) {
    expect(found[name]).toHaveLength(EXPECTED[name].length);
    found[name].forEach((value, i) => expect(Math.abs(value - EXPECTED[name][i]!)).toBeLessThan(2e-6));
  }
});

it('takes no more of the heap after window 3 of 300', () => {
  const { window } = learner();
  for (let w = 0; w < 3; w++) window(w);
  const after3 = memoryUsage();
  for (let w = 3; w < 300; w++) window(w);
  expect(memoryUsage()).toEqual(after3);
});
