import { GradwireError } from '@gradwire/tensor';
import { checkedNumber, type PlainValues } from './plain-values.ts';

export interface EarlyStoppingOptions {
  /** Steps in a row without improvement after which `step` says so; 3. */
  readonly patience?: number;
  /** Whether a lower or a higher metric is better; min. */
  readonly mode?: 'min' | 'max';
  /** By how much a metric must be better than the best to count; 0. */
  readonly minDelta?: number;
}

const DEFAULTS = { patience: 3, mode: 'min', minDelta: 0 } as const;

/**
 * Tells when a metric of data that is not learned from has stopped getting better (Prechelt 1998). Once an epoch:
 * if (stopping.step(testLoss)) break; and where `isBest`, keep the weights. NaN is never better.
 */
export class EarlyStopping {
  readonly #options: Required<EarlyStoppingOptions>;
  #best: number | null = null;
  #badSteps = 0;

  constructor(options: EarlyStoppingOptions = {}) {
    this.#options = { ...DEFAULTS, ...options };
    const { patience, minDelta } = this.#options;
    if (!(Number.isInteger(patience) && patience >= 1))
      throw bad(`patience must be a whole number from 1, got ${patience}`);
    if (!(minDelta >= 0 && minDelta < Infinity)) throw bad(`minDelta must be a number from 0, got ${minDelta}`);
  }

  /** Takes one more metric; returns whether it is time to stop. */
  step(metric: number): boolean {
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badSteps = 0;
    } else this.#badSteps++;
    return this.isOver;
  }

  /** Whether it is time to stop. */
  get isOver(): boolean {
    return this.#badSteps >= this.#options.patience;
  }

  /** The best metric so far; null before there is one. */
  get best(): number | null {
    return this.#best;
  }

  /** Whether the last metric was the best. */
  get isBest(): boolean {
    return this.#best !== null && this.#badSteps === 0;
  }

  /** Steps since the best. */
  get badSteps(): number {
    return this.#badSteps;
  }

  /** What it takes to go on, as plain values. */
  stateDict(): { best: number | null; badSteps: number } {
    return { best: this.#best, badSteps: this.#badSteps };
  }

  /** Throws GradwireError ERR_STATE_DICT if it is another's. */
  loadStateDict(state: PlainValues): void {
    this.#best = state.best === null ? null : checkedNumber('EarlyStopping', state, 'best');
    this.#badSteps = checkedNumber('EarlyStopping', state, 'badSteps');
  }

  #isBetter(metric: number): boolean {
    const { mode, minDelta } = this.#options;
    if (this.#best === null) return !Number.isNaN(metric);
    return mode === 'min' ? metric < this.#best - minDelta : metric > this.#best + minDelta;
  }
}

function bad(what: string): GradwireError {
  return new GradwireError('ERR_SCHEDULE', `EarlyStopping: ${what}`);
}
