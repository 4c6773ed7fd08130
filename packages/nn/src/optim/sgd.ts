import { GradwireError } from '@gradwire/tensor';
import { checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface SgdGroup extends GroupOptions {
  momentum: number;
  /** Share of the gradient that momentum leaves out. */
  dampening: number;
  nesterov: boolean;
}
export type SgdOptions = Partial<Readonly<SgdGroup>>;

/**
 * Stochastic gradient descent: v ← momentum·v + (1 − dampening)·g, p ← p − lr·v; with nesterov p ← p − lr·(g +
 * momentum·v) (Sutskever et al. 2013, in PyTorch's form: the first step sets v = g). weightDecay·p is added to g.
 */
export class SGD extends Optimizer<SgdGroup> {
  protected readonly stateNames: readonly string[];

  constructor(parameters: Parameters<SgdGroup>, options: SgdOptions = {}) {
    const defaults = { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
    super(parameters, { ...defaults, ...options });
    for (const { momentum, dampening, nesterov } of this.paramGroups) {
      checkNumber('momentum', momentum, 0);
      if (nesterov && (momentum === 0 || dampening !== 0)) {
        throw new GradwireError(
          'ERR_OPTIMIZER',
          `SGD: nesterov needs momentum above 0 and no dampening, got ${momentum} and ${dampening}`,
        );
      }
    }
    this.stateNames = this.paramGroups.some(({ momentum }) => momentum > 0) ? ['momentum_buffer'] : [];
  }

  protected updateRun(run: Run<SgdGroup>): void {
    const { lr, momentum, dampening, nesterov } = run.group;
    const buffer = momentum > 0 ? 'momentum_buffer' : null;
    this.apply('sgd', run, [buffer], [lr, momentum, 1 - dampening], { flags: [run.step === 1, nesterov] });
  }
}
