import { checkMoments, momentNumbers, MOMENTS, type MomentsGroup } from './adam.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { Parameters } from './param-group.ts';

export type AdamaxOptions = Partial<Readonly<MomentsGroup>>;

/** Adamax (Kingma & Ba 2015, algorithm 2): u ← max(β₂u, |g| + eps), p ← p − lr·m/((1 − β₁ᵗ)·u). */
export class Adamax extends Optimizer<MomentsGroup> {
  protected readonly stateNames = ['exp_avg', 'exp_inf'];

  constructor(parameters: Parameters<MomentsGroup>, options: AdamaxOptions = {}) {
    super(parameters, { lr: 2e-3, ...MOMENTS, ...options });
    checkMoments(this.paramGroups);
  }

  protected updateRun(run: Run<MomentsGroup>): void {
    const { step, group } = run;
    this.apply('adamax', run, this.stateNames, [
      group.lr / (1 - group.betas[0] ** step),
      ...momentNumbers(group, step),
    ]);
  }
}
