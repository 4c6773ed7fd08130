import { zeros } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { Adam } from '../src/optim/adam.ts';
import { SGD } from '../src/optim/sgd.ts';
import { CyclicLR, type CyclicOptions } from '../src/schedules/cyclic-lr.ts';

const parameters = () => [zeros([1], { requiresGrad: true })];
const OPTIONS = { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2 };

function course(options: CyclicOptions): number[][] {
  const optimizer = new SGD(parameters(), { lr: 0.5, momentum: 0.5 });
  const schedule = new CyclicLR(optimizer, options);
  return Array.from({ length: 9 }, () => {
    const { lr, momentum } = optimizer.paramGroups[0]!;
    schedule.step();
    return [lr, momentum].map((value) => Number(value.toFixed(7)));
  });
}

describe('CyclicLR', () => {
  it('goes up and down along lines, momentum the other way, half as high each time (PyTorch 1.13)', () => {
    expect(course({ ...OPTIONS, stepSizeDown: 3, mode: 'triangular2' })).toEqual([
      ...[[0.1, 0.9], [0.3, 0.85], [0.5, 0.8], [0.3666667, 0.8333333], [0.2333333, 0.8666667]], // prettier-ignore
      ...[[0.1, 0.9], [0.2, 0.875], [0.3, 0.85], [0.2333333, 0.8666667]], // prettier-ignore
    ]);
  });

  it('gets lower in every step, and can leave momentum alone (PyTorch 1.13)', () => {
    const rates = course({ ...OPTIONS, mode: 'exp_range', gamma: 0.9, cycleMomentum: false });
    expect(rates.map(([lr]) => lr)).toEqual([...[0.1, 0.28, 0.424, 0.2458, 0.1, 0.218098, 0.3125764, 0.1956594, 0.1]]);
    expect(new Set(rates.map(([, momentum]) => momentum))).toEqual(new Set([0.5]));
  });

  it('moves β₁ of Adam, and gives the same by seek as by steps', () => {
    const [stepped, sought] = [new Adam(parameters()), new Adam(parameters())];
    const [a, b] = [stepped, sought].map((optimizer) => new CyclicLR(optimizer, OPTIONS));
    expect(stepped.paramGroups[0]!.betas).toEqual([0.9, 0.999]);
    for (let i = 0; i < 7; i++) a!.step();
    b!.seek(7);
    expect(stepped.paramGroups[0]!.betas[0]).toBeCloseTo(0.85, 12);
    expect([sought.lr, sought.paramGroups[0]!.betas]).toEqual([stepped.lr, stepped.paramGroups[0]!.betas]);
  });

  it('refuses options that make no cycle', () => {
    const make = (options: object) => () => new CyclicLR(new SGD(parameters()), { ...OPTIONS, ...options });
    expect(make({ stepSizeUp: 0 })).toThrow('CyclicLR: stepSizeUp must be a whole number from 1, got 0');
    expect(make({ maxLr: -1 })).toThrow('CyclicLR: maxLr must be a number from 0, got -1');
    expect(make({ mode: 'sine' })).toThrow('CyclicLR: mode is triangular, triangular2 or exp_range, got sine');
  });
});
