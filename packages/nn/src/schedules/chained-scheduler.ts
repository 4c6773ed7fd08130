import { GradwireError } from '@gradwire/tensor';
import type { Optimizer } from '../optim/optimizer.ts';
import { LRScheduler } from './lr-scheduler.ts';

export interface ChainedOptions {
  readonly schedulers: readonly LRScheduler[];
}

/**
 * Several schedules at once: each group's own rate times what every one of them makes of it. PyTorch's are the same as
 * long as no schedule aims at a rate of its own (etaMin).
 */
export class ChainedScheduler extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];

  constructor(optimizer: Optimizer, { schedulers }: ChainedOptions) {
    super(optimizer);
    if (schedulers.length === 0 || schedulers.some((scheduler) => scheduler.optimizer !== optimizer)) {
      throw new GradwireError('ERR_SCHEDULE', 'ChainedScheduler: needs schedulers, all of its own optimizer');
    }
    this.#schedulers = schedulers;
    this.seek(0);
  }

  lrAt(step: number, group = 0): number {
    const lr = this.baseLrs[group]!;
    if (lr === 0) return 0;
    return this.#schedulers.reduce((rate, scheduler) => rate * (scheduler.lrAt(step, group) / lr), lr);
  }

  protected override apply(step: number): void {
    for (const scheduler of this.#schedulers) scheduler.seek(step); // one may set more than the rate
    super.apply(step);
  }
}
