import { GradwireError } from '@gradwire/tensor';
import { checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface RpropGroup extends GroupOptions {
  /** Factors of the size of a step, η⁻ where the sign of the gradient has changed and η⁺ where it has not. */
  etas: readonly [number, number];
  /** The least and the largest size. */
  stepSizes: readonly [number, number];
}
export type RpropOptions = Partial<Readonly<RpropGroup>>;

/**
 * Resilient backpropagation (Riedmiller & Braun 1993): each element has a step size of its own, lr at first, and takes a
 * step of it against the sign of its gradient; where the sign has changed the size shrinks and no step is taken. For whole
 * training sets: the gradients of small batches change their signs by chance.
 */
export class Rprop extends Optimizer<RpropGroup> {
  protected readonly stateNames = ['prev', 'step_size'];

  constructor(parameters: Parameters<RpropGroup>, options: RpropOptions = {}) {
    const defaults = { lr: 1e-2, weightDecay: 0, etas: [0.5, 1.2] as const, stepSizes: [1e-6, 50] as const };
    super(parameters, { ...defaults, maximize: false, ...options });
    for (const { etas, stepSizes } of this.paramGroups) {
      for (const [i, size] of stepSizes.entries()) checkNumber(`stepSizes[${i}]`, size, 0);
      if (etas[0] > 0 && etas[0] < 1 && etas[1] > 1) continue;
      throw new GradwireError('ERR_OPTIMIZER', `Rprop: etas must be 0 < η⁻ < 1 < η⁺, got [${etas.join(', ')}]`);
    }
  }

  protected updateRun(run: Run<RpropGroup>): void {
    const { lr, etas, stepSizes } = run.group;
    this.apply('rprop', run, this.stateNames, [lr, ...etas, ...stepSizes], { flags: [run.step === 1] });
  }
}
