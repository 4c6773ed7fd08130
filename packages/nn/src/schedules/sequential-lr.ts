import { GradwireError } from '@gradwire/tensor';
import type { Optimizer } from '../optim/optimizer.ts';
import { LRScheduler } from './lr-scheduler.ts';

export interface SequentialOptions {
  readonly schedulers: readonly LRScheduler[];
  /** Steps at which the second, third … schedule takes over; it counts from 0 there. */
  readonly milestones: readonly number[];
}

/**
 * One schedule after another, for instance a warm-up in front of the main one:
 * new SequentialLR(optimizer, { schedulers: [new LinearLR(optimizer, { totalIters: 500 }), main], milestones: [500] }).
 */
export class SequentialLR extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];
  readonly #milestones: readonly number[];

  constructor(optimizer: Optimizer, { schedulers, milestones }: SequentialOptions) {
    super(optimizer);
    const rises = milestones.every((milestone, i) => milestone > (milestones[i - 1] ?? 0));
    if (schedulers.length !== milestones.length + 1 || !rises) {
      throw new GradwireError(
        'ERR_SCHEDULE',
        `SequentialLR: ${schedulers.length} schedulers need ${schedulers.length - 1} rising milestones, got [${milestones.join(', ')}]`,
      );
    }
    if (schedulers.some((scheduler) => scheduler.optimizer !== optimizer)) {
      throw new GradwireError('ERR_SCHEDULE', 'SequentialLR: all schedulers must be of its own optimizer');
    }
    this.#schedulers = schedulers;
    this.#milestones = milestones;
    this.seek(0);
  }

  lrAt(step: number, group = 0): number {
    const { scheduler, since } = this.#at(step);
    return scheduler.lrAt(since, group);
  }

  protected override apply(step: number): void {
    const { scheduler, since } = this.#at(step);
    scheduler.seek(since);
  }

  #at(step: number): { scheduler: LRScheduler; since: number } {
    const which = this.#milestones.filter((milestone) => milestone <= step).length;
    return { scheduler: this.#schedulers[which]!, since: step - (this.#milestones[which - 1] ?? 0) };
  }
}
