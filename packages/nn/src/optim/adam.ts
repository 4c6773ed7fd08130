import { checkBetas, checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface MomentsGroup extends GroupOptions {
  /** Decay rates of the two moments. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  eps: number;
}
export interface AdamGroup extends MomentsGroup {
  /** Divide by the largest second moment so far (Reddi et al. 2018). */
  amsgrad: boolean;
}
export type AdamOptions = Partial<Readonly<AdamGroup>>;

/** Options that Adam and its kin have in common. */
export const MOMENTS = { betas: [0.9, 0.999] as const, eps: 1e-8, weightDecay: 0, maximize: false };

/** Throws GradwireError ERR_OPTIMIZER for options out of their range. */
export function checkMoments(groups: readonly MomentsGroup[]): void {
  for (const { betas, eps } of groups) {
    checkBetas(betas);
    checkNumber('eps', eps, 0);
  }
}

/** Numbers 3 to 8 of the kernels with two moments. */
export function momentNumbers({ betas: [b1, b2], eps }: MomentsGroup, step: number): number[] {
  return [b1, 1 - b1, b2, 1 - b2, eps, Math.sqrt(1 - b2 ** step)];
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂/(√v̂ + eps).
 * weightDecay adds weightDecay·p to the gradient (L2 penalty).
 */
export class Adam extends Optimizer<AdamGroup> {
  readonly #decoupled: boolean;
  protected readonly stateNames: readonly string[];

  constructor(parameters: Parameters<AdamGroup>, options: AdamOptions = {}, decoupled = false) {
    super(parameters, { lr: 1e-3, ...MOMENTS, amsgrad: false, ...options });
    checkMoments(this.paramGroups);
    this.#decoupled = decoupled;
    const amsgrad = this.paramGroups.some((group) => group.amsgrad);
    this.stateNames = ['exp_avg', 'exp_avg_sq', ...(amsgrad ? ['max_exp_avg_sq'] : [])];
  }

  protected updateRun(run: Run<AdamGroup>): void {
    const { step, group } = run;
    const { lr, weightDecay, betas, amsgrad } = group;
    const state = ['exp_avg', 'exp_avg_sq', amsgrad ? 'max_exp_avg_sq' : null];
    const kept = this.#decoupled ? 1 - lr * weightDecay : 1;
    const numbers = [lr / (1 - betas[0] ** step), ...momentNumbers(group, step), kept];
    this.apply('adam', run, state, numbers, { l2: this.#decoupled ? 0 : weightDecay });
  }
}
