import { GradwireError } from '@gradwire/tensor';
import type { Optimizer } from '../optim/optimizer.ts';
import { checkFactor, checkWhole, LRScheduler, setMomentum } from './lr-scheduler.ts';

export interface CyclicOptions {
  readonly baseLr: number;
  readonly maxLr: number;
  /** Steps of the rising half of a cycle, and of the falling one (as many by default). */
  readonly stepSizeUp?: number;
  readonly stepSizeDown?: number;
  /** Cycles of one height, each half as high as the one before, or lower by gamma in every step. */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range';
  readonly gamma?: number;
  /** Whether momentum (β₁ of Adam) falls while the rate rises. */
  readonly cycleMomentum?: boolean;
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
}

/** Cyclical rates (Smith 2017): along lines from baseLr to maxLr and back, over and over; `step` once a batch. */
export class CyclicLR extends LRScheduler {
  readonly #options: Required<CyclicOptions>;

  constructor(optimizer: Optimizer, options: CyclicOptions) {
    super(optimizer);
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp } = options;
    const momentum = { cycleMomentum: true, baseMomentum: 0.8, maxMomentum: 0.9 };
    this.#options = { mode: 'triangular', gamma: 1, ...momentum, ...options, stepSizeUp, stepSizeDown };
    checkWhole('CyclicLR', 'stepSizeUp', stepSizeUp);
    checkWhole('CyclicLR', 'stepSizeDown', stepSizeDown);
    for (const name of ['baseLr', 'maxLr', 'gamma', 'baseMomentum', 'maxMomentum'] as const) {
      checkFactor('CyclicLR', name, this.#options[name]);
    }
    const { mode } = this.#options;
    if (!['triangular', 'triangular2', 'exp_range'].includes(mode)) {
      throw new GradwireError('ERR_SCHEDULE', `CyclicLR: mode is triangular, triangular2 or exp_range, got ${mode}`);
    }
    this.seek(0);
  }

  lrAt(step: number): number {
    const { baseLr, maxLr } = this.#options;
    return baseLr + (maxLr - baseLr) * this.#heightAt(step);
  }

  protected override apply(step: number): void {
    super.apply(step);
    const { cycleMomentum, baseMomentum, maxMomentum } = this.#options;
    if (!cycleMomentum) return;
    setMomentum(this.optimizer, maxMomentum - (maxMomentum - baseMomentum) * this.#heightAt(step));
  }

  /** From 0 at the foot of a cycle to 1 at its top, or less in later cycles. */
  #heightAt(step: number): number {
    const { stepSizeUp, stepSizeDown, mode, gamma } = this.#options;
    const length = stepSizeUp + stepSizeDown;
    const [cycle, since] = [Math.floor(step / length), step % length];
    const height = since <= stepSizeUp ? since / stepSizeUp : (length - since) / stepSizeDown;
    if (mode === 'triangular2') return height / 2 ** cycle;
    return mode === 'exp_range' ? height * gamma ** step : height;
  }
}
