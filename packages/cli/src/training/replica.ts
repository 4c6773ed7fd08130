import { GradwireError, manualSeed, type FlatHandle, type TensorHandle } from '@gradwire/tensor';
import { ExponentialMovingAverage, type AverageHandle, type Module, type Optimizer } from '@gradwire/nn';
import { plainObject, type PlainState } from '../checkpoint/manifest.ts';
import type { MetricSchedule, Schedule, ScheduleContext, TrainingDefinition } from '../define-training.ts';
import { ModelBuffers } from './model-buffers.ts';
import { SliceUpdate } from './slice-update.ts';
import { checkedModel, checkedOptimizer, checkedSchedule } from './user-values.ts';

/** Where all that a replica works on lies, for the other threads of the process. */
export interface ReplicaHandle {
  readonly flat: FlatHandle;
  readonly optimizer: Readonly<Record<string, TensorHandle>>;
  readonly buffers: readonly TensorHandle[];
  readonly update: readonly TensorHandle[];
  readonly average: AverageHandle | undefined;
}

/** The model of a training with its optimizer and schedule; every thread has one, all on the same memory. */
export class Replica {
  readonly definition: TrainingDefinition;
  readonly model: Module;
  readonly optimizer: Optimizer;
  readonly buffers: ModelBuffers;
  readonly update: SliceUpdate;
  readonly average: ExponentialMovingAverage | undefined;
  readonly #schedule: Schedule | MetricSchedule | undefined;
  #scheduledSteps = 0;

  /** Makes the model with the weights that the seed decides. */
  constructor(definition: TrainingDefinition, seed: number, length: ScheduleContext) {
    manualSeed(seed);
    this.definition = definition;
    this.model = checkedModel(definition.model());
    this.optimizer = checkedOptimizer(definition.optimizer(this.model.parameters() as never));
    this.buffers = new ModelBuffers(this.model);
    this.update = new SliceUpdate(definition, this.optimizer);
    const { schedule, ema } = definition;
    this.average = ema && new ExponentialMovingAverage(this.optimizer.flat.parameters, ema);
    this.#schedule = schedule && checkedSchedule(schedule(this.optimizer, length), definition);
  }

  handle(): ReplicaHandle {
    const { optimizer, buffers, update, average } = this;
    return {
      flat: optimizer.flat.handle(),
      optimizer: optimizer.handle(),
      buffers: buffers.handle(),
      update: update.handle(),
      average: average?.handle(),
    };
  }

  /** Gives up its own parameters and optimizer state for those of another thread, and takes its buffers for the run's. */
  attach({ flat, optimizer, buffers, update, average }: ReplicaHandle): void {
    this.optimizer.flat.attach(flat);
    this.optimizer.attach(optimizer);
    this.buffers.attach(buffers);
    this.update.attach(update);
    if (average) this.average?.attach(average);
  }

  /** Brings the learning rate to where it is after `steps` steps of the run, unless the schedule watches a figure. */
  schedule(steps: number): void {
    if (this.definition.scheduleMetric !== undefined) return;
    for (; this.#scheduledSteps < steps; this.#scheduledSteps++) (this.#schedule as Schedule | undefined)?.step();
  }

  /** Tells the schedule the figure that it watches. */
  tellSchedule(figure: number): void {
    (this.#schedule as MetricSchedule | undefined)?.step(figure);
  }

  /** The learning rate of each parameter group. */
  get lrs(): readonly number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  set lrs(lrs: readonly number[]) {
    this.optimizer.paramGroups.forEach((group, g) => (group.lr = lrs[g] ?? group.lr));
  }

  /** What a schedule that watches a figure needs to go on; nothing otherwise, as all follows from the steps. */
  scheduleState(): PlainState {
    if (this.definition.scheduleMetric === undefined || !this.#schedule) return {};
    const schedule = (this.#schedule as MetricSchedule).stateDict() as PlainState;
    return { schedule, lrs: [...this.lrs] };
  }

  restoreSchedule({ schedule, lrs }: PlainState): void {
    if (this.definition.scheduleMetric === undefined || !this.#schedule || schedule === undefined) return;
    if (!Array.isArray(lrs) || !lrs.every((lr) => typeof lr === 'number')) {
      throw new GradwireError('ERR_CHECKPOINT', 'checkpoint: its schedule has no learning rates "lrs"');
    }
    (this.#schedule as MetricSchedule).loadStateDict(plainObject(schedule));
    this.lrs = lrs;
  }
}
