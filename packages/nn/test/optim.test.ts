import { GradwireError, tensor, useKernels, type Tensor } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Adadelta } from '../src/optim/adadelta.ts';
import { Adagrad } from '../src/optim/adagrad.ts';
import { Adam } from '../src/optim/adam.ts';
import { Adamax } from '../src/optim/adamax.ts';
import { AdamW } from '../src/optim/adamw.ts';
import { LAMB } from '../src/optim/lamb.ts';
import { LARS } from '../src/optim/lars.ts';
import { Lion } from '../src/optim/lion.ts';
import { NAdam } from '../src/optim/nadam.ts';
import type { Optimizer } from '../src/optim/optimizer.ts';
import { RAdam } from '../src/optim/radam.ts';
import { RMSprop } from '../src/optim/rmsprop.ts';
import { Rprop } from '../src/optim/rprop.ts';
import { SGD } from '../src/optim/sgd.ts';
import { drawTraining, leaves, setGradients, valuesOf } from './drawn-training.ts';

const KINDS: readonly [string, (parameters: Tensor[]) => Optimizer][] = [
  ['SGD', (parameters) => new SGD(parameters, { lr: 0.1 })],
  ['SGD with momentum alone', (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9 })],
  [
    'SGD with momentum and more',
    (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  ],
  ['Adam', (parameters) => new Adam(parameters, { lr: 0.1, weightDecay: 0.01, amsgrad: true })],
  ['AdamW', (parameters) => new AdamW(parameters, { lr: 0.1 })],
  [
    'RMSprop',
    (parameters) => new RMSprop(parameters, { momentum: 0.9, centered: true, weightDecay: 0.1, maximize: true }),
  ],
  ['Adagrad', (parameters) => new Adagrad(parameters, { initialAccumulatorValue: 0.5, lrDecay: 0.1 })],
  ['Adadelta', (parameters) => new Adadelta(parameters)],
  ['Adamax', (parameters) => new Adamax(parameters)],
  ['NAdam', (parameters) => new NAdam(parameters, { weightDecay: 0.1, decoupledWeightDecay: true })],
  ['RAdam', (parameters) => new RAdam(parameters, { weightDecay: 0.1, decoupledWeightDecay: true })],
  ['Rprop', (parameters) => new Rprop(parameters)],
  ['Lion', (parameters) => new Lion(parameters, { weightDecay: 0.1 })],
  ['LAMB', (parameters) => new LAMB(parameters, { lr: 0.1, betas: [0.8, 0.9] })],
  ['LARS', (parameters) => new LARS(parameters, { lr: 10, weightDecay: 0.1 })],
  [
    'AdamW over two groups',
    (parameters) =>
      new AdamW([
        { params: parameters.slice(0, 2), lr: 0.1 },
        { params: parameters.slice(2), weightDecay: 0.1 },
      ]),
  ],
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
        for (let i = 1; i < borders.length; i++) sliced.prepare(borders[i - 1]!, borders[i]!);
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
      first.prepare(0, 30);
      second.prepare(30, first.flat.data.size);
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
      ...['param_groups.0.lr 1', 'param_groups.0.betas 2', 'param_groups.0.eps 1', 'param_groups.0.weight_decay 1'],
      ...['param_groups.0.maximize 1', 'param_groups.0.amsgrad 1'],
    ]);
    const keys = [...new SGD(parameters, { momentum: 0.9 }).stateDict().keys()];
    expect(keys.slice(0, 4)).toEqual(['0.step', '0.momentum_buffer', '1.step', '1.momentum_buffer']);
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

describe('parameter groups', () => {
  it('lie one after another in flat memory, and take steps with their own options', () => {
    const { values, gradients } = drawTraining(6);
    const [a, b, c] = leaves(values);
    const grouped = new AdamW([{ params: [c!, a!] }, { params: [b!], lr: 0.3, weightDecay: 0 }], { lr: 0.1 });
    const alone = [
      new AdamW(leaves([values[2]!]), { lr: 0.1 }),
      new AdamW(leaves([values[0]!]), { lr: 0.1 }),
      new AdamW(leaves([values[1]!]), { lr: 0.3, weightDecay: 0 }),
    ];
    const order = [2, 0, 1];
    for (const step of gradients) {
      setGradients(
        grouped,
        order.map((i) => step[i]!),
      );
      grouped.step();
      alone.forEach((optimizer, k) => {
        setGradients(optimizer, [step[order[k]!]!]);
        optimizer.step();
      });
    }
    expect(grouped.flat.parameters).toEqual([c, a, b]);
    expect(valuesOf(grouped)).toEqual(alone.flatMap(valuesOf));
  });

  it('keep their options in the state', () => {
    const make = (lr: number): Adam => {
      const [a, b] = leaves([[1], [2]]);
      return new Adam(
        [
          { params: [a!], lr },
          { params: [b!], betas: [0.5, lr] },
        ],
        { amsgrad: lr > 0.1 },
      );
    };
    const [saved, other] = [make(0.2), make(0.1)];
    expect(() => other.loadStateDict(new Map([...saved.stateDict()].filter(([key]) => key !== '1.exp_avg')))).toThrow(
      '"1.exp_avg" is missing',
    );
    other.loadStateDict(saved.stateDict());
    expect(other.paramGroups.map(({ lr, betas, amsgrad }) => [lr, betas, amsgrad])).toEqual([
      [0.2, [0.9, 0.999], true],
      [1e-3, [0.5, 0.2], true],
    ]);
  });

  it('are refused with an option that the optimizer does not have, or without params', () => {
    const [a] = leaves([[1]]);
    expect(() => new SGD([{ params: [a!], rate: 1 } as never])).toThrow(
      'optimizer: group 0 has the unknown option rate; it can have lr, momentum',
    );
    expect(() => new SGD([a!, { params: [] }] as never)).toThrow('optimizer: group 0 has no params');
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
    [() => new Rprop(leaves([[1]]), { etas: [0.5, 0.9] }), 'Rprop: etas must be 0 < η⁻ < 1 < η⁺, got [0.5, 0.9]'],
    [() => new AdamW(leaves([[1]]), { weightDecay: -0.1 }), 'optimizer: weightDecay must be a number from 0, got -0.1'],
  ];

  it.each(cases.map(([call, message]) => ({ call, message })))('say "$message"', ({ call, message }) => {
    expect(call).toThrow(new GradwireError('ERR_OPTIMIZER', message));
  });
});
