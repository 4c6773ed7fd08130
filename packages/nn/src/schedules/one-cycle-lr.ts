import { GradwireError } from '@gradwire/tensor';
import { Adam } from '../optim/adam.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { SGD } from '../optim/sgd.ts';
import { LRScheduler } from './lr-scheduler.ts';

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
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
}

/**
 * One cycle (Smith & Topin 2018): the rate rises from maxLr/divFactor to maxLr and falls to almost nothing, along
 * cosines; momentum runs the other way. `step` once a batch. Throws when stepped beyond totalSteps.
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
    const momentum = this.#along(step, maxMomentum, baseMomentum, maxMomentum);
    const { optimizer } = this;
    if (optimizer instanceof Adam) optimizer.betas = [momentum, optimizer.betas[1]];
    else if (optimizer instanceof SGD && optimizer.momentum > 0) optimizer.momentum = momentum;
  }

  /** From start to middle while the rate rises, then to end. */
  #along(step: number, start: number, middle: number, end: number): number {
    const { totalSteps, pctStart } = this.#options;
    if (step > totalSteps) {
      throw new GradwireError('ERR_SCHEDULE', `OneCycleLR: step ${step} is beyond totalSteps ${totalSteps}`);
    }
    const peak = pctStart * totalSteps - 1;
    const last = totalSteps - 1;
    if (step <= peak) return cosine(start, middle, peak === 0 ? 1 : step / peak);
    return cosine(middle, end, Math.min(1, (step - peak) / (last - peak)));
  }
}

function cosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
