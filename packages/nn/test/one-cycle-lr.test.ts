import { zeros } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Adam } from '../src/optim/adam.ts';
import { SGD } from '../src/optim/sgd.ts';
import { OneCycleLR } from '../src/schedules/one-cycle-lr.ts';

const parameters = () => [zeros([1], { requiresGrad: true })];

describe('OneCycleLR', () => {
  it('rises along a cosine to maxLr, then falls to almost nothing', () => {
    const optimizer = new SGD(parameters(), { lr: 9 });
    const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 11, pctStart: 5 / 11 });
    const rates = Array.from({ length: 11 }, () => {
      const { lr } = optimizer;
      schedule.step();
      return lr;
    });
    expect(rates[0]).toBeCloseTo(1 / 25, 12);
    expect(rates[2]).toBeCloseTo((1 + 1 / 25) / 2, 12);
    expect(rates[4]).toBeCloseTo(1, 12);
    expect(rates[7]).toBeCloseTo((1 + 4e-6) / 2, 12);
    expect(rates[10]).toBeCloseTo(1 / 25 / 1e4, 12);
    expect(schedule.baseLrs).toEqual([9]);
  });

  it('moves momentum the other way: of SGD, and β₁ of Adam', () => {
    const [sgd, adam] = [new SGD(parameters(), { momentum: 0.5 }), new Adam(parameters(), { betas: [0.5, 0.99] })];
    const schedules = [sgd, adam].map(
      (optimizer) => new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10, pctStart: 0.5 }),
    );
    expect([sgd.paramGroups[0]!.momentum, adam.paramGroups[0]!.betas]).toEqual([0.95, [0.95, 0.99]]);
    for (const schedule of schedules) schedule.seek(4);
    expect([sgd.paramGroups[0]!.momentum, adam.paramGroups[0]!.betas]).toEqual([0.85, [0.85, 0.99]]);
    for (const schedule of schedules) schedule.seek(9);
    expect([sgd.paramGroups[0]!.momentum, adam.paramGroups[0]!.betas]).toEqual([0.95, [0.95, 0.99]]);
  });

  it('leaves momentum alone where there is none, or cycleMomentum is false', () => {
    const [plain, fixed] = [new SGD(parameters()), new SGD(parameters(), { momentum: 0.5 })];
    new OneCycleLR(plain, { maxLr: 1, totalSteps: 10 }).step();
    new OneCycleLR(fixed, { maxLr: 1, totalSteps: 10, cycleMomentum: false }).step();
    expect([plain, fixed].map(({ paramGroups }) => paramGroups[0]!.momentum)).toEqual([0, 0.5]);
  });

  it('gives the same by seek as by steps', () => {
    const [stepped, sought] = [new Adam(parameters()), new Adam(parameters())];
    const [a, b] = [stepped, sought].map((optimizer) => new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 50 }));
    for (let i = 0; i < 17; i++) a!.step();
    b!.seek(17);
    expect([sought.lr, sought.paramGroups[0]!.betas, b!.lastStep]).toEqual([
      stepped.lr,
      stepped.paramGroups[0]!.betas,
      17,
    ]);
  });

  it('stays finite where the rise has only one step or none', () => {
    for (const pctStart of [0, 0.1, 0.2, 1]) {
      const optimizer = new SGD(parameters());
      const schedule = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10, pctStart });
      for (let i = 0; i < 10; i++) {
        expect(optimizer.lr).toBeGreaterThan(0);
        expect(optimizer.lr).toBeLessThanOrEqual(1);
        schedule.step();
      }
    }
  });

  it('refuses to go beyond its end, and options that make no cycle', () => {
    const schedule = new OneCycleLR(new SGD(parameters()), { maxLr: 1, totalSteps: 2 });
    schedule.step();
    schedule.step();
    expect(() => schedule.step()).toThrow('OneCycleLR: step 3 is beyond totalSteps 2');
    expect(schedule.lastStep).toBe(2);
    const make = (options: object) => () =>
      new OneCycleLR(new SGD(parameters()), { maxLr: 1, totalSteps: 2, ...options });
    expect(make({ totalSteps: 0 })).toThrow('OneCycleLR: totalSteps and maxLr must be above 0, got 0 and 1');
    expect(make({ maxLr: NaN })).toThrow('got 2 and NaN');
    expect(make({ pctStart: 1.5 })).toThrow('OneCycleLR: pctStart lies in [0, 1], got 1.5');
  });
});
