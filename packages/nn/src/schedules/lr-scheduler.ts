import type { Optimizer } from '../optim/optimizer.ts';

/** Base of learning-rate schedules: the rate is a pure function of how often `step` was called. */
export abstract class LRScheduler {
  readonly optimizer: Optimizer;
  /** Learning rate of the optimizer before the schedule. */
  readonly baseLr: number;
  #lastStep = 0;

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
    this.baseLr = optimizer.lr;
  }

  /** How often `step` was called. */
  get lastStep(): number {
    return this.#lastStep;
  }

  /** Learning rate after `step` calls. */
  abstract lrAt(step: number): number;

  /** Goes on by one; call it after optimizer.step(). */
  step(): void {
    this.seek(this.#lastStep + 1);
  }

  /** Goes to where `step` calls lead, for instance to resume. */
  seek(step: number): void {
    this.apply(step);
    this.#lastStep = step;
  }

  /** Sets what the schedule controls. */
  protected apply(step: number): void {
    this.optimizer.lr = this.lrAt(step);
  }
}
