import { EarlyStopping } from '@gradwire/nn';
import { GradwireError } from '@gradwire/tensor';
import { plainObject, type PlainState } from '../checkpoint/manifest.ts';
import { checkpointPath } from '../checkpoint/store.ts';
import type { ScheduleContext, TrainingDefinition } from '../define-training.ts';
import type { Best, Metrics } from '../events.ts';
import type { Replica } from './replica.ts';

/**
 * What follows from the figures of an epoch: the learning rate, where the schedule watches one, and the end of the run,
 * with early stopping. Every process has the same figures and decides for itself.
 */
export class EpochWatch {
  readonly #definition: TrainingDefinition;
  readonly #replica: Replica;
  readonly #runDir: string;
  readonly #stepsPerEpoch: number;
  readonly #stopping: EarlyStopping | null;

  constructor(definition: TrainingDefinition, replica: Replica, runDir: string, { stepsPerEpoch }: ScheduleContext) {
    this.#definition = definition;
    this.#replica = replica;
    this.#runDir = runDir;
    this.#stepsPerEpoch = stepsPerEpoch;
    const { earlyStopping } = definition;
    this.#stopping = earlyStopping ? new EarlyStopping(withoutMetric(earlyStopping)) : null;
  }

  /** Takes the figures of one more epoch. */
  endEpoch(figures: Metrics): void {
    const { scheduleMetric, earlyStopping } = this.#definition;
    if (scheduleMetric !== undefined) this.#replica.tellSchedule(watched(figures, scheduleMetric));
    if (earlyStopping) this.#stopping!.step(watched(figures, earlyStopping.metric));
  }

  /** Whether the run ends here. */
  get isOver(): boolean {
    return this.#stopping?.isOver ?? false;
  }

  /** The best figure after so many epochs; undefined without early stopping, and before there is one. */
  bestAfter(epochs: number): Best | undefined {
    if (!this.#stopping || this.#stopping.best === null) return undefined;
    const { metric } = this.#definition.earlyStopping!;
    const epoch = epochs - this.#stopping.badSteps;
    const step = epoch * this.#stepsPerEpoch;
    return { metric, value: this.#stopping.best, epoch, step, checkpoint: checkpointPath(this.#runDir, step) };
  }

  /** What it takes to go on. */
  get state(): PlainState {
    return {
      ...this.#replica.scheduleState(),
      ...(this.#stopping && { earlyStopping: this.#stopping.stateDict() }),
    };
  }

  /** Takes the state of a checkpoint; what is not in it begins anew. */
  restore({ earlyStopping, ...others }: PlainState): void {
    if (earlyStopping !== undefined) this.#stopping?.loadStateDict(plainObject(earlyStopping));
    this.#replica.restoreSchedule(others);
  }
}

/** Throws ERR_TRAINING_FILE if a figure of the test set is watched where there is none. */
export function checkWatched({ scheduleMetric, earlyStopping }: TrainingDefinition, testLength: number): void {
  if (testLength > 0) return;
  for (const [option, metric] of Object.entries({ scheduleMetric, 'earlyStopping.metric': earlyStopping?.metric })) {
    if (metric === undefined || metric === 'loss') continue;
    throw new GradwireError(
      'ERR_TRAINING_FILE',
      `defineTraining: ${option} is ${metric}, but there is no test set; let \`data\` return test, or watch loss`,
    );
  }
}

function watched(figures: Metrics, name: string): number {
  return figures[name] ?? NaN;
}

function withoutMetric({ metric: _, ...options }: NonNullable<TrainingDefinition['earlyStopping']>) {
  return options;
}
