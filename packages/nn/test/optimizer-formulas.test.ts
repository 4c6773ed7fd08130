import { useKernels, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Adadelta } from '../src/optim/adadelta.ts';
import { Adagrad } from '../src/optim/adagrad.ts';
import { Adam, type AdamOptions } from '../src/optim/adam.ts';
import { Adamax } from '../src/optim/adamax.ts';
import { AdamW } from '../src/optim/adamw.ts';
import { Lion } from '../src/optim/lion.ts';
import { NAdam } from '../src/optim/nadam.ts';
import type { Optimizer } from '../src/optim/optimizer.ts';
import { RAdam } from '../src/optim/radam.ts';
import { RMSprop } from '../src/optim/rmsprop.ts';
import { Rprop } from '../src/optim/rprop.ts';
import { SGD, type SgdOptions } from '../src/optim/sgd.ts';
import { drawTraining, leaves, setGradients, valuesOf } from './drawn-training.ts';

/** PyTorch's SGD on one number; the gradient of each step → the value after all. */
function sgdByHand(
  value: number,
  gradients: readonly number[],
  options: Omit<Required<SgdOptions>, 'maximize'>,
): number {
  const { lr, momentum, dampening, weightDecay, nesterov } = options;
  let p = value;
  let v = 0;
  for (const [i, gradient] of gradients.entries()) {
    let g = gradient + weightDecay * p;
    if (momentum !== 0) {
      v = i === 0 ? g : momentum * v + (1 - dampening) * g;
      g = nesterov ? g + momentum * v : v;
    }
    p -= lr * g;
  }
  return p;
}

/** PyTorch's Adam and AdamW on one number. */
function adamByHand(
  value: number,
  gradients: readonly number[],
  options: Omit<Required<AdamOptions>, 'maximize'>,
  decoupled: boolean,
): number {
  const { lr, betas, eps, weightDecay, amsgrad } = options;
  let [p, m, v, most] = [value, 0, 0, 0];
  for (const [i, gradient] of gradients.entries()) {
    const g = gradient + (decoupled ? 0 : weightDecay * p);
    if (decoupled) p -= lr * weightDecay * p;
    m = betas[0] * m + (1 - betas[0]) * g;
    v = betas[1] * v + (1 - betas[1]) * g * g;
    most = Math.max(most, v);
    const mHat = m / (1 - betas[0] ** (i + 1));
    const vHat = (amsgrad ? most : v) / (1 - betas[1] ** (i + 1));
    p -= (lr * mHat) / (Math.sqrt(vHat) + eps);
  }
  return p;
}

/** Formulas of the other optimizers on one number: the state s, 0 at first, and step t; returns what the step takes off. */
type Formula = (g: number, s: number[], t: number) => number;
const FORMULAS: readonly [string, (parameters: Tensor[]) => Optimizer, Formula][] = [
  [
    'RMSprop, centred and with momentum',
    (p) => new RMSprop(p, { lr: 0.02, alpha: 0.9, momentum: 0.8, centered: true, eps: 0.01 }),
    (g, s) => {
      s[0] = 0.9 * s[0]! + 0.1 * g * g;
      s[1] = 0.9 * s[1]! + 0.1 * g;
      s[2] = 0.8 * s[2]! + g / (Math.sqrt(s[0] - s[1] ** 2) + 0.01);
      return 0.02 * s[2];
    },
  ],
  [
    'Adagrad',
    (p) => new Adagrad(p, { lr: 0.1, lrDecay: 0.1 }),
    (g, s, t) => {
      s[0]! += g * g;
      return ((0.1 / (1 + (t - 1) * 0.1)) * g) / (Math.sqrt(s[0]!) + 1e-10);
    },
  ],
  [
    'Adadelta',
    (p) => new Adadelta(p, { rho: 0.8 }),
    (g, s) => {
      s[0] = 0.8 * s[0]! + 0.2 * g * g;
      const delta = (Math.sqrt(s[1]! + 1e-6) / Math.sqrt(s[0] + 1e-6)) * g;
      s[1] = 0.8 * s[1]! + 0.2 * delta ** 2;
      return delta;
    },
  ],
  [
    'Adamax',
    (p) => new Adamax(p, { lr: 0.05 }),
    (g, s, t) => {
      s[0] = 0.9 * s[0]! + 0.1 * g;
      s[1] = Math.max(0.999 * s[1]!, Math.abs(g) + 1e-8);
      return ((0.05 / (1 - 0.9 ** t)) * s[0]) / s[1];
    },
  ],
  [
    'RAdam',
    (p) => new RAdam(p, { lr: 0.05, betas: [0.9, 0.99] }),
    (g, s, t) => {
      s[0] = 0.9 * s[0]! + 0.1 * g;
      s[1] = 0.99 * s[1]! + 0.01 * g * g;
      const mean = s[0] / (1 - 0.9 ** t);
      const rho = 199 - (2 * t * 0.99 ** t) / (1 - 0.99 ** t);
      if (rho <= 5) return 0.05 * mean;
      const r = Math.sqrt((((rho - 4) / 195) * ((rho - 2) / 197) * 199) / rho);
      return (0.05 * mean * r) / (Math.sqrt(s[1] / (1 - 0.99 ** t)) + 1e-8);
    },
  ],
  [
    'NAdam',
    (p) => new NAdam(p, { lr: 0.05, momentumDecay: 0.1 }),
    (g, s, t) => {
      s[0] = 0.9 * s[0]! + 0.1 * g;
      s[1] = 0.999 * s[1]! + 0.001 * g * g;
      const mu = (k: number): number => 0.9 * (1 - 0.5 * 0.96 ** (k * 0.1));
      s[2] = (t === 1 ? 1 : s[2]!) * mu(t);
      const step = ((1 - mu(t)) * g) / (1 - s[2]) + (mu(t + 1) * s[0]) / (1 - s[2] * mu(t) * mu(t + 1));
      return (0.05 * step) / (Math.sqrt(s[1] / (1 - 0.999 ** t)) + 1e-8);
    },
  ],
  [
    'Rprop',
    (p) => new Rprop(p, { lr: 0.05, stepSizes: [0.02, 0.07] }),
    (g, s, t) => {
      const sign = Math.sign(g * s[0]!);
      s[1] = Math.min(Math.max((t === 1 ? 0.05 : s[1]!) * (sign > 0 ? 1.2 : sign < 0 ? 0.5 : 1), 0.02), 0.07);
      s[0] = sign < 0 ? 0 : g;
      return Math.sign(s[0]) * s[1];
    },
  ],
  [
    'Lion',
    (p) => new Lion(p, { lr: 0.05 }),
    (g, s) => {
      const direction = Math.sign(0.9 * s[0]! + 0.1 * g);
      s[0] = 0.99 * s[0]! + 0.01 * g;
      return 0.05 * direction;
    },
  ],
];

const share = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true });
const sgdOptions = fc
  .record({
    lr: share(0.5),
    momentum: fc.oneof(fc.constant(0), share(0.95)),
    dampening: share(0.9),
    weightDecay: fc.oneof(fc.constant(0), share(0.1)),
    nesterov: fc.boolean(),
  })
  .map((options) => ({
    ...options,
    nesterov: options.nesterov && options.momentum > 0,
    dampening: options.nesterov && options.momentum > 0 ? 0 : options.dampening,
  }));
const adamOptions = fc.record({
  lr: share(0.1),
  betas: fc.tuple(share(0.95), share(0.999)),
  eps: fc.double({ min: 1e-8, max: 1e-3, noNaN: true }),
  weightDecay: share(0.1),
  amsgrad: fc.boolean(),
});

function expectByHand(
  optimizer: Optimizer,
  seed: number,
  byHand: (value: number, gradients: number[]) => number,
): void {
  const { values, gradients } = drawTraining(seed);
  for (const step of gradients) {
    setGradients(optimizer, step);
    optimizer.step();
  }
  valuesOf(optimizer).forEach((row, p) =>
    row.forEach((value, i) => {
      const expected = byHand(
        values[p]![i]!,
        gradients.map((step) => step[p]![i]!),
      );
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-4 + 1e-4 * Math.abs(expected));
    }),
  );
}

describe.each(['strict', 'reference'] as const)('with %s kernels', (variant) => {
  const run = (property: fc.IProperty<unknown[]>): void => {
    useKernels(variant);
    fc.assert(property, { numRuns: 40 });
  };

  it('SGD takes the steps that its formula gives in float64', () => {
    run(
      fc.property(sgdOptions, fc.nat(), (options, seed) => {
        const optimizer = new SGD(leaves(drawTraining(seed).values), options);
        expectByHand(optimizer, seed, (value, gradients) => sgdByHand(value, gradients, options));
      }) as fc.IProperty<unknown[]>,
    );
  });

  it.each([
    ['Adam', Adam, false],
    ['AdamW', AdamW, true],
  ] as const)('%s takes the steps that its formula gives in float64', (_, Kind, decoupled) => {
    run(
      fc.property(adamOptions, fc.nat(), (options, seed) => {
        const optimizer = new Kind(leaves(drawTraining(seed).values), options);
        expectByHand(optimizer, seed, (value, gradients) => adamByHand(value, gradients, options, decoupled));
      }) as fc.IProperty<unknown[]>,
    );
  });

  it.each(FORMULAS)('%s takes the steps that its formula gives in float64', (_, make, formula) => {
    useKernels(variant);
    expectByHand(make(leaves(drawTraining(9).values)), 9, (value, gradients) => {
      const s = [0, 0, 0];
      return gradients.reduce((p, g, i) => p - formula(g, s, i + 1), value);
    });
  });
});

it('Rprop takes the steps of PyTorch 1.13, also where gradients are 0 or change their sign', () => {
  useKernels('strict');
  const rprop = new Rprop(leaves([[1, -2, 0.5]]), { lr: 0.1 });
  const gradients = [[1, -1, 0], [2, 3, 1], [-1, 3, 2], [-1, 0.5, -2], [-1, 2, -2]]; // prettier-ignore
  for (const gradient of gradients) {
    setGradients(rprop, [gradient]);
    rprop.step();
  }
  expect(valuesOf(rprop)[0]).toEqual([0.912, -2.082, 0.34].map((value) => expect.closeTo(value, 6) as number));
});
