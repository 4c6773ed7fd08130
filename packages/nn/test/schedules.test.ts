import { zeros } from '@gradwire/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SGD } from '../src/optim/sgd.ts';
import { ChainedScheduler } from '../src/schedules/chained-scheduler.ts';
import { CosineAnnealingLR, CosineAnnealingWarmRestarts } from '../src/schedules/cosine-annealing.ts';
import {
  ExponentialLR,
  LambdaLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
} from '../src/schedules/decay.ts';
import type { LRScheduler } from '../src/schedules/lr-scheduler.ts';
import { OneCycleLR } from '../src/schedules/one-cycle-lr.ts';
import type { PlainValues } from '../src/schedules/plain-values.ts';
import { ReduceLROnPlateau } from '../src/schedules/reduce-lr-on-plateau.ts';
import { SequentialLR } from '../src/schedules/sequential-lr.ts';
import { ConstantLR, InverseSqrtLR, LinearLR } from '../src/schedules/warm-up.ts';

const sgd = (...rates: number[]): SGD =>
  new SGD(
    rates.map((lr) => ({ params: [zeros([1], { requiresGrad: true })], lr })),
    { momentum: 0.9 },
  );

function ratesOf(
  schedule: { step(metric: never): void; getLastLr(): number[] },
  metrics: readonly number[],
): number[][] {
  return metrics.map((metric) => {
    const rates = schedule.getLastLr();
    schedule.step(metric as never);
    return rates;
  });
}

const MAKE: readonly [string, (optimizer: SGD) => LRScheduler][] = [
  ['StepLR', (o) => new StepLR(o, { stepSize: 3, gamma: 0.5 })],
  ['MultiStepLR', (o) => new MultiStepLR(o, { milestones: [2, 5, 5] })],
  ['ExponentialLR', (o) => new ExponentialLR(o, { gamma: 0.9 })],
  ['PolynomialLR', (o) => new PolynomialLR(o, { totalIters: 7, power: 2 })],
  ['LambdaLR', (o) => new LambdaLR(o, { lrLambda: (step) => 1 / (1 + step) })],
  ['MultiplicativeLR', (o) => new MultiplicativeLR(o, { lrLambda: (step) => (step % 2 ? 0.95 : 0.5) })],
  [
    'ChainedScheduler',
    (o) =>
      new ChainedScheduler(o, {
        schedulers: [new OneCycleLR(o, { maxLr: 1, totalSteps: 40 }), new ExponentialLR(o, { gamma: 0.9 })],
      }),
  ],
  ['LinearLR', (o) => new LinearLR(o, { startFactor: 0.1, totalIters: 4 })],
  ['ConstantLR', (o) => new ConstantLR(o, { totalIters: 2 })],
  ['InverseSqrtLR', (o) => new InverseSqrtLR(o, { dModel: 64, warmupSteps: 4 })],
  ['CosineAnnealingLR', (o) => new CosineAnnealingLR(o, { tMax: 6, etaMin: 0.001 })],
  ['CosineAnnealingWarmRestarts', (o) => new CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2 })],
  ['OneCycleLR', (o) => new OneCycleLR(o, { maxLr: 1, totalSteps: 40, threePhase: true, annealStrategy: 'linear' })],
  [
    'SequentialLR',
    (o) =>
      new SequentialLR(o, {
        schedulers: [
          new LinearLR(o, { startFactor: 0.1, totalIters: 3 }),
          new OneCycleLR(o, { maxLr: 1, totalSteps: 40, cycleMomentum: false }),
        ],
        milestones: [3],
      }),
  ],
];

describe.each(MAKE)('%s', (_, make) => {
  it('gives the same by seek as by steps, in any order', () => {
    const property = fc.property(fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 5 }), (places) => {
      const sought = sgd(0.1, 0.4);
      const schedule = make(sought);
      for (const place of places) schedule.seek(place);
      const stepped = sgd(0.1, 0.4);
      const other = make(stepped);
      for (let i = 0; i < places.at(-1)!; i++) other.step();
      expect(sought.paramGroups.map(({ lr, momentum }) => [lr, momentum])).toEqual(
        stepped.paramGroups.map(({ lr, momentum }) => [lr, momentum]),
      );
    });
    fc.assert(property, { numRuns: 20 });
  });
});

describe('schedules', () => {
  it("act on each group's own rate", () => {
    expect(ratesOf(new StepLR(sgd(1, 2), { stepSize: 1, gamma: 0.5 }), [0, 0, 0])).toEqual([
      [1, 2],
      [0.5, 1],
      [0.25, 0.5],
    ]);
  });

  it('multiply, one step after another or several at once (values computed by PyTorch 1.13)', () => {
    const rates = (make: (optimizer: SGD) => LRScheduler): number[] => {
      const rows = ratesOf(make(sgd(0.5)), new Array<number>(7).fill(0));
      return rows.map(([rate]) => Number(rate!.toFixed(8)));
    };
    expect(rates((o) => new MultiplicativeLR(o, { lrLambda: (step) => (step % 2 ? 0.95 : 0.5) }))).toEqual([
      0.5, 0.475, 0.2375, 0.225625, 0.1128125, 0.10717187, 0.05358594,
    ]);
    const constant = (o: SGD): LRScheduler => new ConstantLR(o, { factor: 0.1, totalIters: 2 });
    const decay = (o: SGD): LRScheduler => new ExponentialLR(o, { gamma: 0.9 });
    expect(rates((o) => new ChainedScheduler(o, { schedulers: [constant(o), decay(o)] }))).toEqual([
      0.05, 0.045, 0.405, 0.3645, 0.32805, 0.295245, 0.2657205,
    ]);
    const warmUp = (o: SGD): LRScheduler => new LinearLR(o, { startFactor: 0.25, totalIters: 3 });
    const cosine = (o: SGD): LRScheduler => new CosineAnnealingLR(o, { tMax: 6 });
    expect(rates((o) => new ChainedScheduler(o, { schedulers: [warmUp(o), cosine(o)] }))).toEqual([
      0.125, 0.23325318, 0.28125, 0.25, 0.125, 0.03349365, 0,
    ]);
    expect(() => new ChainedScheduler(sgd(1), { schedulers: [decay(sgd(1))] })).toThrow('all of its own optimizer');
  });

  it('rise along a line before the main one, which counts from the end of the rise', () => {
    const optimizer = sgd(1);
    const schedulers = [
      new LinearLR(optimizer, { startFactor: 0.25, totalIters: 3 }),
      new ExponentialLR(optimizer, { gamma: 0.5 }),
    ];
    const rates = ratesOf(new SequentialLR(optimizer, { schedulers, milestones: [3] }), [0, 0, 0, 0, 0]);
    expect(rates.flat()).toEqual([0.25, 0.5, 0.75, 1, 0.5]);
  });

  it('have their peak at the end of the warm-up of the Transformer', () => {
    const rates = ratesOf(new InverseSqrtLR(sgd(1), { dModel: 4, warmupSteps: 4 }), [0, 0, 0, 0, 0, 0]).flat();
    expect(rates[0]).toBeCloseTo(1 / 16, 12);
    expect(rates.indexOf(Math.max(...rates))).toBe(3);
    expect(rates[3]).toBeCloseTo(0.25, 12);
  });

  it('fall when a metric has not got better for longer than patience', () => {
    const schedule = new ReduceLROnPlateau(sgd(1, 0.002), { patience: 1, cooldown: 1, minLr: 0.001 });
    expect(ratesOf(schedule, [5, 4, 4, 4, 4, 4, 4, 4]).map(([lr]) => lr)).toEqual([
      1,
      1,
      1,
      1,
      0.1,
      0.1,
      0.1,
      0.1 * 0.1,
    ]);
    expect(schedule.getLastLr()[1]).toBe(0.001);
  });

  it('ReduceLROnPlateau goes on from its state, also from before the first metric', () => {
    const metrics = [5, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3];
    for (const mode of ['min', 'max'] as const) {
      const options = { mode, patience: 1, cooldown: 1 };
      const whole = ratesOf(new ReduceLROnPlateau(sgd(1), options), metrics);
      for (const cut of metrics.keys()) {
        const optimizer = sgd(1);
        const first = new ReduceLROnPlateau(optimizer, options);
        const rates = ratesOf(first, metrics.slice(0, cut));
        const second = new ReduceLROnPlateau(optimizer, options);
        second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())) as PlainValues);
        expect([...rates, ...ratesOf(second, metrics.slice(cut))]).toEqual(whole);
      }
    }
    expect(() => new ReduceLROnPlateau(sgd(1)).loadStateDict({ best: 1, badSteps: '2' })).toThrow(
      'ReduceLROnPlateau: "badSteps" of the saved state is a string; it must be a number',
    );
  });

  it.each([
    [() => new StepLR(sgd(1), { stepSize: 0 }), 'StepLR: stepSize must be a whole number from 1, got 0'],
    [() => new ExponentialLR(sgd(1), { gamma: NaN }), 'ExponentialLR: gamma must be a number from 0, got NaN'],
    [() => new ReduceLROnPlateau(sgd(1), { factor: 1 }), 'ReduceLROnPlateau: factor must be from 0 to below 1, got 1'],
    [
      () => new SequentialLR(sgd(1), { schedulers: [], milestones: [] }),
      'SequentialLR: 0 schedulers need -1 rising milestones, got []',
    ],
  ])('refuse options that make no schedule (%#)', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_SCHEDULE', message }) as Error);
  });
});
