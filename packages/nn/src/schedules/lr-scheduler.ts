import { GradwireError } from '@gradwire/tensor';
import type { Optimizer } from '../optim/optimizer.ts';

/**
 * Base of learning-rate schedules: the rate of each parameter group is a pure function of how often `step` was called and
 * of the group's own rate.
 */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  /** Learning rate of each group before any schedule. */
  readonly baseLrs: readonly number[];
  #lastStep = 0;

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
    this.baseLrs = optimizer.paramGroups.map((group) => (group.initialLr ??= group.lr));
  }

  /** How often `step` was called. */
  get lastStep(): number {
    return this.#lastStep;
  }

  /** Learning rate of a group after `step` calls. */
  abstract lrAt(step: number, group?: number): number;

  /** Goes on by one; call it after optimizer.step(). */
  step(): void {
    this.seek(this.#lastStep + 1);
  }

  /** Goes to where `step` calls lead, for instance to resume. */
  seek(step: number): void {
    this.apply(step);
    this.#lastStep = step;
  }

  /** The present rate of each group. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** Sets what the schedule controls. */
  protected apply(step: number): void {
    this.optimizer.paramGroups.forEach((group, g) => (group.lr = this.lrAt(step, g)));
  }
}

/** Schedules that multiply each group's own rate by one factor. */
export abstract class FactorLR extends LRScheduler {
  /** Factor after `step` calls. */
  abstract factorAt(step: number): number;

  lrAt(step: number, group = 0): number {
    return this.baseLrs[group]! * this.factorAt(step);
  }
}

/** Sets the momentum of all groups that have one, or β₁ of Adam and its kin. */
export function setMomentum({ paramGroups }: Optimizer, momentum: number): void {
  for (const group of paramGroups as readonly { betas?: [number, number]; momentum?: number }[]) {
    if (group.betas) group.betas = [momentum, group.betas[1]];
    else if (group.momentum) group.momentum = momentum;
  }
}

/** Throws GradwireError ERR_SCHEDULE unless the option is a whole number from `least`. */
export function checkWhole(where: string, name: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new GradwireError('ERR_SCHEDULE', `${where}: ${name} must be a whole number from ${least}, got ${value}`);
}

/** Throws GradwireError ERR_SCHEDULE unless the option is a number from 0. */
export function checkFactor(where: string, name: string, value: number): void {
  if (value >= 0 && value < Infinity) return;
  throw new GradwireError('ERR_SCHEDULE', `${where}: ${name} must be a number from 0, got ${value}`);
}
