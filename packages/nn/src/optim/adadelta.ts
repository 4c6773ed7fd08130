import { checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { GroupOptions, Parameters } from './param-group.ts';

export interface AdadeltaGroup extends GroupOptions {
  /** Decay rate of both mean squares. */
  rho: number;
  eps: number;
}
export type AdadeltaOptions = Partial<Readonly<AdadeltaGroup>>;

/**
 * Adadelta (Zeiler 2012): s ← ρ·s + (1 − ρ)g², Δ = g·√(d + eps)/√(s + eps), d ← ρ·d + (1 − ρ)Δ², p ← p − lr·Δ.
 */
export class Adadelta extends Optimizer<AdadeltaGroup> {
  protected readonly stateNames = ['square_avg', 'acc_delta'];

  constructor(parameters: Parameters<AdadeltaGroup>, options: AdadeltaOptions = {}) {
    super(parameters, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false, ...options });
    for (const { rho, eps } of this.paramGroups) {
      checkNumber('rho', rho, 0, 1 + Number.EPSILON);
      checkNumber('eps', eps, 0);
    }
  }

  protected updateRun(run: Run<AdadeltaGroup>): void {
    const { lr, rho, eps } = run.group;
    this.apply('adadelta', run, this.stateNames, [lr, rho, 1 - rho, eps]);
  }
}
