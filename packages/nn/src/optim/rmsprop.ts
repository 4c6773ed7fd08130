import { checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface RmspropGroup extends GroupOptions {
  /** Decay rate of the mean square. */
  alpha: number;
  eps: number;
  momentum: number;
  /** Divide by an estimate of the standard deviation instead of the root mean square. */
  centered: boolean;
}
export type RmspropOptions = Partial<Readonly<RmspropGroup>>;

/**
 * RMSprop (Hinton 2012; centred as in Graves 2013): s ← α·s + (1 − α)g², p ← p − lr·g/(√s + eps); centred, the running
 * mean of g is squared and taken off s; momentum collects the scaled gradients.
 */
export class RMSprop extends Optimizer<RmspropGroup> {
  protected readonly stateNames: readonly string[];

  constructor(parameters: Parameters<RmspropGroup>, options: RmspropOptions = {}) {
    const defaults = { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false };
    super(parameters, { ...defaults, maximize: false, ...options });
    for (const { alpha, eps, momentum } of this.paramGroups) {
      checkNumber('alpha', alpha, 0);
      checkNumber('eps', eps, 0);
      checkNumber('momentum', momentum, 0);
    }
    const hasMomentum = this.paramGroups.some(({ momentum }) => momentum > 0);
    const isCentered = this.paramGroups.some(({ centered }) => centered);
    this.stateNames = ['square_avg', ...(hasMomentum ? ['momentum_buffer'] : []), ...(isCentered ? ['grad_avg'] : [])];
  }

  protected updateRun(run: Run<RmspropGroup>): void {
    const { lr, alpha, eps, momentum, centered } = run.group;
    const state = ['square_avg', momentum > 0 ? 'momentum_buffer' : null, centered ? 'grad_avg' : null];
    this.apply('rmsprop', run, state, [lr, alpha, 1 - alpha, eps, momentum]);
  }
}
