import { checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface AdagradGroup extends GroupOptions {
  /** In step t the rate is lr / (1 + (t − 1)·lrDecay). */
  lrDecay: number;
  /** Where the sums of squares begin; that of the first group is taken. */
  initialAccumulatorValue: number;
  eps: number;
}
export type AdagradOptions = Partial<Readonly<AdagradGroup>>;

/** Adagrad (Duchi et al. 2011): s ← s + g², p ← p − lrₜ·g/(√s + eps). */
export class Adagrad extends Optimizer<AdagradGroup> {
  protected readonly stateNames = ['sum'];

  constructor(parameters: Parameters<AdagradGroup>, options: AdagradOptions = {}) {
    const defaults = { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 };
    super(parameters, { ...defaults, maximize: false, ...options });
    for (const { lrDecay, initialAccumulatorValue, eps } of this.paramGroups) {
      checkNumber('lrDecay', lrDecay, 0);
      checkNumber('initialAccumulatorValue', initialAccumulatorValue, 0);
      checkNumber('eps', eps, 0);
    }
  }

  protected override initialState(): number {
    return this.paramGroups[0]!.initialAccumulatorValue;
  }

  protected updateRun(run: Run<AdagradGroup>): void {
    const { lr, lrDecay, eps } = run.group;
    this.apply('adagrad', run, ['sum'], [lr / (1 + (run.step - 1) * lrDecay), eps]);
  }
}
