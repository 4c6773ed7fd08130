import { checkMoments, momentNumbers, MOMENTS, type MomentsGroup } from './adam.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { Parameters } from './param-group.ts';

export interface DecayGroup extends MomentsGroup {
  /** Take weightDecay off the parameter, as AdamW does, instead of adding it to the gradient. */
  decoupledWeightDecay: boolean;
}
export type RAdamOptions = Partial<Readonly<DecayGroup>>;

/** What is left of a parameter before its step, and the share of it in its gradient. */
export function decayOf({ lr, weightDecay, decoupledWeightDecay }: DecayGroup): { kept: number; l2: number } {
  return decoupledWeightDecay ? { kept: 1 - lr * weightDecay, l2: 0 } : { kept: 1, l2: weightDecay };
}

/**
 * Rectified Adam (Liu et al. 2020): while the variance of v cannot be told yet (ρₜ ≤ 5) the step is lr·m̂, afterwards
 * Adam's times the rectification.
 */
export class RAdam extends Optimizer<DecayGroup> {
  protected readonly stateNames = ['exp_avg', 'exp_avg_sq'];

  constructor(parameters: Parameters<DecayGroup>, options: RAdamOptions = {}) {
    super(parameters, { lr: 1e-3, ...MOMENTS, decoupledWeightDecay: false, ...options });
    checkMoments(this.paramGroups);
  }

  protected updateRun(run: Run<DecayGroup>): void {
    const { step, group } = run;
    const { lr, betas } = group;
    const { kept, l2 } = decayOf(group);
    const numbers = momentNumbers(group, step);
    numbers[5] = rectification(betas[1], step) * Math.sqrt(1 - betas[1] ** step);
    this.apply('radam', run, this.stateNames, [lr / (1 - betas[0] ** step), ...numbers, kept], { l2 });
  }
}

/** rₜ of the paper, or 0 where ρₜ ≤ 5. */
function rectification(beta2: number, step: number): number {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  if (length <= 5) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}
