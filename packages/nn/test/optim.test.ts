import { Generator, GradwireError, tensor, useKernels, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Adam, type AdamOptions } from '../src/optim/adam.ts';
import { AdamW } from '../src/optim/adamw.ts';
import type { Optimizer } from '../src/optim/optimizer.ts';
import { SGD, type SgdOptions } from '../src/optim/sgd.ts';

const SIZES = [3, 16, 37];
const STEPS = 6;

/** The parameters, and the gradient that each has in each step: the same for the same seed. */
function drawTraining(seed: number): { values: number[][]; gradients: number[][][] } {
  const generator = new Generator(seed);
  const draw = (n: number): number[] => Array.from({ length: n }, () => Math.fround(generator.normal()));
  return { values: SIZES.map(draw), gradients: Array.from({ length: STEPS }, () => SIZES.map(draw)) };
}

const leaves = (values: readonly number[][]): Tensor[] => values.map((row) => tensor(row, { requiresGrad: true }));
const valuesOf = (optimizer: Optimizer): number[][] => optimizer.flat.parameters.map((p) => [...p.data()]);

function setGradients(optimizer: Optimizer, gradients: readonly (readonly number[] | null)[]): void {
  optimizer.flat.parameters.forEach((parameter, i) => {
    const gradient = gradients[i];
    parameter.grad = gradient ? tensor(gradient) : null;
  });
}

/** PyTorch's SGD on one number; the gradient of each step → the value after all. */
function sgdByHand(value: number, gradients: readonly number[], options: Required<SgdOptions>): number {
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
  options: Required<AdamOptions>,
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

const share = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true });
const sgdOptions = fc
  .record({
    lr: share(0.5),
    momentum: fc.oneof(fc.constant(0), share(0.95)),
    dampening: share(0.9),
    weightDecay: share(0.1),
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
});

const KINDS: readonly [string, (parameters: Tensor[]) => Optimizer][] = [
  ['SGD', (parameters) => new SGD(parameters, { lr: 0.1 })],
  [
    'SGD with momentum',
    (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  ],
  ['Adam', (parameters) => new Adam(parameters, { lr: 0.1, weightDecay: 0.01, amsgrad: true })],
  ['AdamW', (parameters) => new AdamW(parameters, { lr: 0.1 })],
];

describe.each(KINDS)('%s', (_, make) => {
  it('gives the same bits in slices, however they are cut, as in one piece', () => {
    useKernels('strict');
    const { values, gradients } = drawTraining(1);
    const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 6 });
    const property = fc.property(cuts, (inner) => {
      const [whole, sliced] = [make(leaves(values)), make(leaves(values))];
      const size = whole.flat.data.size;
      const borders = [0, ...inner.map((cut) => cut % size).sort((a, b) => a - b), size];
      for (const step of gradients) {
        for (const optimizer of [whole, sliced]) setGradients(optimizer, step);
        whole.step();
        for (let i = 1; i < borders.length; i++) sliced.update(borders[i - 1]!, borders[i]!);
        sliced.advance();
      }
      expect(valuesOf(sliced)).toEqual(valuesOf(whole));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('leaves parameters without gradient as they are, and counts their steps on their own', () => {
    const { values, gradients } = drawTraining(2);
    const [both, second] = [make(leaves(values)), make(leaves([values[1]!]))];
    setGradients(both, [gradients[0]![0]!, null, gradients[0]![2]!]);
    both.step();
    expect(valuesOf(both)[1]).toEqual(values[1]);
    expect(valuesOf(both)[0]).not.toEqual(values[0]);
    for (const step of gradients) {
      setGradients(both, [null, step[1]!, null]);
      setGradients(second, [step[1]!]);
      both.step();
      second.step();
    }
    expect(valuesOf(both)[1]).toEqual(valuesOf(second)[0]);
  });

  it('goes on with the same bits from a saved state', () => {
    const { values, gradients } = drawTraining(3);
    const first = make(leaves(values));
    const take = (optimizer: Optimizer, steps: number[][][]): void => {
      for (const step of steps) {
        setGradients(optimizer, step);
        optimizer.step();
      }
    };
    take(first, gradients.slice(0, 3));
    const resumed = make(leaves(valuesOf(first)));
    resumed.loadStateDict(new Map([...first.stateDict()].map(([key, value]) => [key, value.clone()])));
    take(first, gradients.slice(3));
    take(resumed, gradients.slice(3));
    expect(valuesOf(resumed)).toEqual(valuesOf(first));
  });

  it('lets another thread update slices with the same state', () => {
    const { values, gradients } = drawTraining(4);
    const [alone, first, second] = [make(leaves(values)), make(leaves(values)), make(leaves(values))];
    second.flat.attach(first.flat.handle());
    second.attach(first.handle());
    for (const step of gradients) {
      setGradients(alone, step);
      setGradients(first, step);
      for (const parameter of second.flat.parameters) parameter.hasGrad = true;
      alone.step();
      first.update(0, 30);
      second.update(30, first.flat.data.size);
      first.advance();
    }
    expect(valuesOf(first)).toEqual(valuesOf(alone));
    expect(valuesOf(second)).toEqual(valuesOf(alone));
  });

  it('drops all gradients with zeroGrad, so that a step does nothing', () => {
    const { values, gradients } = drawTraining(5);
    const optimizer = make(leaves(values));
    setGradients(optimizer, gradients[0]!);
    optimizer.zeroGrad();
    optimizer.step();
    expect(valuesOf(optimizer)).toEqual(values);
  });
});

describe('the state of an optimizer', () => {
  it("has PyTorch's names for each parameter, and the parameters' shapes", () => {
    const parameters = [tensor([[1, 2]], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
    const adam = new Adam(parameters, { amsgrad: true });
    expect([...adam.stateDict()].map(([key, { shape }]) => `${key} ${shape.join('×')}`)).toEqual([
      ...['0.step 1', '0.exp_avg 1×2', '0.exp_avg_sq 1×2', '0.max_exp_avg_sq 1×2'],
      ...['1.step 1', '1.exp_avg 1', '1.exp_avg_sq 1', '1.max_exp_avg_sq 1'],
    ]);
    expect([...new SGD(parameters, { momentum: 0.9 }).stateDict().keys()]).toEqual([
      ...['0.step', '0.momentum_buffer', '1.step', '1.momentum_buffer'],
    ]);
  });

  it('is refused where it is of another optimizer or another model', () => {
    const sgd = new SGD(leaves([[1, 2]]), { momentum: 0.9 });
    const adam = new Adam(leaves([[1, 2]]));
    expect(() => adam.loadStateDict(sgd.stateDict())).toThrow(
      'optimizer: "0.exp_avg" is missing in the saved state, which is not of Adam over this model',
    );
    expect(() => adam.loadStateDict(new Adam(leaves([[1]])).stateDict())).toThrow(
      expect.objectContaining({ code: 'ERR_STATE_DICT' }) as Error,
    );
  });
});

describe('options that make no sense', () => {
  const cases: readonly [() => unknown, string][] = [
    [() => new SGD([]), 'optimizer: there are no parameters to train'],
    [() => new SGD(leaves([[1]]), { lr: -1 }), 'optimizer: lr must be a number from 0, got -1'],
    [() => new SGD(leaves([[1]]), { lr: NaN }), 'optimizer: lr must be a number from 0, got NaN'],
    [
      () => new SGD(leaves([[1]]), { nesterov: true }),
      'SGD: nesterov needs momentum above 0 and no dampening, got 0 and 0',
    ],
    [() => new Adam(leaves([[1]]), { betas: [0.9, 1] }), 'optimizer: betas[1] must be from 0 to below 1, got 1'],
    [() => new AdamW(leaves([[1]]), { weightDecay: -0.1 }), 'optimizer: weightDecay must be a number from 0, got -0.1'],
  ];

  it.each(cases.map(([call, message]) => ({ call, message })))('say "$message"', ({ call, message }) => {
    expect(call).toThrow(new GradwireError('ERR_OPTIMIZER', message));
  });
});
