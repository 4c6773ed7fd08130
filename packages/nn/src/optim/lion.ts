import { checkBetas } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface LionGroup extends GroupOptions {
  /** Weight of the momentum in the step, and its decay rate. */
  betas: readonly [number, number];
}
export type LionOptions = Partial<Readonly<LionGroup>>;

/**
 * Lion (Chen et al. 2023, algorithm 2): p ← p − lr·(sign(β₁m + (1 − β₁)g) + weightDecay·p), then m ← β₂m + (1 − β₂)g. All
 * steps are of one size, so lr is 3 to 10 times lower and weightDecay as much higher than for AdamW.
 */
export class Lion extends Optimizer<LionGroup> {
  protected readonly stateNames = ['exp_avg'];

  constructor(parameters: Parameters<LionGroup>, options: LionOptions = {}) {
    super(parameters, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false, ...options });
    for (const { betas } of this.paramGroups) checkBetas(betas);
  }

  protected updateRun(run: Run<LionGroup>): void {
    const { lr, betas, weightDecay } = run.group;
    const [b1, b2] = betas;
    this.apply('lion', run, this.stateNames, [lr, b1, 1 - b1, b2, 1 - b2, 1 - lr * weightDecay], { l2: 0 });
  }
}
