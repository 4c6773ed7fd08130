import { GradwireError } from '@gradwire/tensor';
import type { Optimizer } from '../optim/optimizer.ts';
import { cosine } from './cosine-annealing.ts';
import { LRScheduler, setMomentum } from './lr-scheduler.ts';

export interface OneCycleOptions {
  readonly maxLr: number;
  readonly totalSteps: number;
  /** Share of the steps in which the rate rises. */
  readonly pctStart?: number;
  /** maxLr / first rate. */
  readonly divFactor?: number;
  /** First rate / last rate. */
  readonly finalDivFactor?: number;
  /** Whether momentum (β₁ of Adam) falls while the rate rises. */
  readonly cycleMomentum?: boolean;
  /** Along half a cosine wave, or a line. */
  readonly annealStrategy?: 'cos' | 'linear';
  /** Fall first to the first rate, as fast as it rose, and only then to the last. */
  readonly threePhase?: boolean;
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
}

/**
 * One cycle (Smith & Topin 2018): the rate rises from maxLr/divFactor to maxLr and falls to almost nothing, along
 * cosines or lines; momentum runs the other way. `step` once a batch. Throws when stepped beyond totalSteps.
 */
export class OneCycleLR extends LRScheduler {
  readonly #options: Required<OneCycleOptions>;

  constructor(optimizer: Optimizer, options: OneCycleOptions) {
    super(optimizer);
    this.#options = {
      pctStart: 0.3,
      divFactor: 25,
      finalDivFactor: 1e4,
      cycleMomentum: true,
      annealStrategy: 'cos',
      threePhase: false,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      ...options,
    };
    const { totalSteps, maxLr } = this.#options;
    if (!Number.isInteger(totalSteps) || totalSteps < 1 || !(maxLr > 0)) {
      throw new GradwireError(
        'ERR_SCHEDULE',
        `OneCycleLR: totalSteps and maxLr must be above 0, got ${totalSteps} and ${maxLr}`,
      );
    }
    if (!(this.#options.pctStart >= 0 && this.#options.pctStart <= 1)) {
      throw new GradwireError('ERR_SCHEDULE', `OneCycleLR: pctStart lies in [0, 1], got ${this.#options.pctStart}`);
    }
    this.seek(0);
  }

  lrAt(step: number): number {
    const { maxLr, divFactor, finalDivFactor } = this.#options;
    const first = maxLr / divFactor;
    return this.#along(step, first, maxLr, first / finalDivFactor);
  }

  protected override apply(step: number): void {
    super.apply(step);
    const { cycleMomentum, baseMomentum, maxMomentum } = this.#options;
    if (!cycleMomentum) return;
    setMomentum(this.optimizer, this.#along(step, maxMomentum, baseMomentum, maxMomentum));
  }

  /** From start to middle while the rate rises, then to end; with three phases by way of start. */
  #along(step: number, start: number, middle: number, end: number): number {
    const { totalSteps, pctStart, annealStrategy, threePhase } = this.#options;
    if (step > totalSteps) {
      throw new GradwireError('ERR_SCHEDULE', `OneCycleLR: step ${step} is beyond totalSteps ${totalSteps}`);
    }
    const anneal = annealStrategy === 'cos' ? cosine : line;
    const peak = pctStart * totalSteps - 1;
    const back = threePhase ? 2 * pctStart * totalSteps - 2 : totalSteps - 1;
    if (step <= peak) return anneal(start, middle, peak === 0 ? 1 : step / peak);
    if (!threePhase) return anneal(middle, end, Math.min(1, (step - peak) / (back - peak)));
    if (step <= back) return anneal(middle, start, (step - peak) / (back - peak));
    return anneal(start, end, Math.min(1, (step - back) / (totalSteps - 1 - back)));
  }
}

function line(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
