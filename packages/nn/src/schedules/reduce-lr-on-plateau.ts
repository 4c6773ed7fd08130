import { GradwireError } from '@gradwire/tensor';
import type { Optimizer } from '../optim/optimizer.ts';
import { checkedNumber, type PlainValues } from './plain-values.ts';

export interface PlateauOptions {
  /** Whether a lower or a higher metric is better. */
  readonly mode?: 'min' | 'max';
  readonly factor?: number;
  /** Steps without improvement that are borne before the rate falls. */
  readonly patience?: number;
  /** By how much a metric must be better to count: a share of the best (rel), or a difference (abs). */
  readonly threshold?: number;
  readonly thresholdMode?: 'rel' | 'abs';
  /** Steps after a fall in which nothing is counted. */
  readonly cooldown?: number;
  readonly minLr?: number;
  /** A smaller change than this is not made. */
  readonly eps?: number;
}

const DEFAULTS = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
} as const;

/** Multiplies the rates by `factor` when a metric has stopped getting better; `step(metric)` once an epoch. */
export class ReduceLROnPlateau {
  readonly optimizer: Optimizer;
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #badSteps = 0;
  #cooldown = 0;

  constructor(optimizer: Optimizer, options: PlateauOptions = {}) {
    this.optimizer = optimizer;
    this.#options = { ...DEFAULTS, ...options };
    const { factor } = this.#options;
    if (!(factor >= 0 && factor < 1)) {
      throw new GradwireError('ERR_SCHEDULE', `ReduceLROnPlateau: factor must be from 0 to below 1, got ${factor}`);
    }
    this.#best = this.#worst;
  }

  /** Takes the metric of one more epoch. */
  step(metric: number): void {
    const { patience, cooldown } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badSteps = 0;
    } else this.#badSteps++;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#badSteps = 0;
    }
    if (this.#badSteps <= patience) return;
    this.#reduce();
    this.#cooldown = cooldown;
    this.#badSteps = 0;
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** What it takes to go on, as plain values; the rates are the optimizer's. `best` is null before there is one. */
  stateDict(): { best: number | null; badSteps: number; cooldown: number } {
    return {
      best: Number.isFinite(this.#best) ? this.#best : null,
      badSteps: this.#badSteps,
      cooldown: this.#cooldown,
    };
  }

  /** Throws GradwireError ERR_STATE_DICT if it is another's. */
  loadStateDict(state: PlainValues): void {
    const read = (key: string): number => checkedNumber('ReduceLROnPlateau', state, key);
    this.#best = state.best === null ? this.#worst : read('best');
    this.#badSteps = read('badSteps');
    this.#cooldown = read('cooldown');
  }

  get #worst(): number {
    return this.#options.mode === 'min' ? Infinity : -Infinity;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const border = thresholdMode === 'rel' ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === 'min' ? metric < border : metric > border;
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    for (const group of this.optimizer.paramGroups) {
      const lr = Math.max(group.lr * factor, minLr);
      if (group.lr - lr > eps) group.lr = lr;
    }
  }
}
