import { describe, expect, it } from 'vitest';
import { EarlyStopping, type EarlyStoppingOptions } from '../src/schedules/early-stopping.ts';

/** The number of metrics after which it stops; 0 if it does not. */
function stopsAfter(metrics: readonly number[], options: EarlyStoppingOptions): number {
  const stopping = new EarlyStopping(options);
  return metrics.findIndex((metric) => stopping.step(metric)) + 1;
}

describe('EarlyStopping', () => {
  it('stops after so many metrics in a row that are no better than the best', () => {
    expect(stopsAfter([5, 4, 4, 3, 3, 3.5, 3.1, 1], { patience: 3 })).toBe(7);
    expect(stopsAfter([5, 4, 4, 3, 3, 3.5, 3.1, 1], {})).toBe(7);
    expect(stopsAfter([5, 4, 3, 2, 1], { patience: 1 })).toBe(0);
    expect(stopsAfter([0.1, 0.2, 0.2, 0.3], { patience: 1, mode: 'max' })).toBe(3);
  });

  it('counts only what is better by more than minDelta', () => {
    expect(stopsAfter([1, 0.95, 0.9, 0.85], { patience: 2, minDelta: 0.1 })).toBe(3);
    expect(stopsAfter([1, 0.95, 0.89, 0.85], { patience: 2, minDelta: 0.1 })).toBe(0);
    expect(stopsAfter([1, 1.1, 1.2], { patience: 2, minDelta: 0.2, mode: 'max' })).toBe(3);
  });

  it('takes NaN for no improvement, also at first', () => {
    expect(stopsAfter([NaN, NaN, NaN], { patience: 3 })).toBe(3);
    expect(stopsAfter([NaN, 2, NaN, 1, NaN, NaN], { patience: 2 })).toBe(6);
  });

  it('knows the best, and how long ago it was', () => {
    const stopping = new EarlyStopping();
    expect([stopping.best, stopping.isBest, stopping.badSteps]).toEqual([null, false, 0]);
    stopping.step(2);
    expect([stopping.best, stopping.isBest, stopping.badSteps]).toEqual([2, true, 0]);
    stopping.step(3);
    stopping.step(2);
    expect([stopping.best, stopping.isBest, stopping.badSteps]).toEqual([2, false, 2]);
  });

  it('goes on from its state, with a patience of its own', () => {
    const first = new EarlyStopping({ patience: 2 });
    for (const metric of [2, 3]) first.step(metric);
    const resumed = new EarlyStopping({ patience: 3 });
    resumed.loadStateDict(first.stateDict());
    expect([3, 2].map((metric) => resumed.step(metric))).toEqual([false, true]);
    resumed.loadStateDict({ best: null, badSteps: 0 });
    expect(resumed.isOver).toBe(false);
    expect(() => resumed.loadStateDict({ badSteps: 0 })).toThrow(expect.objectContaining({ code: 'ERR_STATE_DICT' }));
  });

  it.each([
    [{ patience: 0 }, 'EarlyStopping: patience must be a whole number from 1, got 0'],
    [{ minDelta: -1 }, 'EarlyStopping: minDelta must be a number from 0, got -1'],
  ])('refuses %o', (options, message) => {
    expect(() => new EarlyStopping(options)).toThrow(
      expect.objectContaining({ code: 'ERR_SCHEDULE', message }) as Error,
    );
  });
});
