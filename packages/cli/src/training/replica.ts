import { manualSeed, type FlatHandle, type TensorHandle } from '@gradwire/tensor';
import type { Module, Optimizer } from '@gradwire/nn';
import type { Schedule, ScheduleContext, TrainingDefinition } from '../define-training.ts';
import { ModelBuffers } from './model-buffers.ts';
import { SliceUpdate } from './slice-update.ts';
import { checkedModel, checkedOptimizer } from './user-values.ts';

/** Where a replica's parameters, gradient, optimizer state, buffers and norms lie, for the other threads of the process. */
export interface ReplicaHandle {
  readonly flat: FlatHandle;
  readonly optimizer: Readonly<Record<string, TensorHandle>>;
  readonly buffers: readonly TensorHandle[];
  readonly update: readonly TensorHandle[];
}

/** The model of a training with its optimizer and schedule; every thread has one, all on the same memory. */
export class Replica {
  readonly definition: TrainingDefinition;
  readonly model: Module;
  readonly optimizer: Optimizer;
  readonly buffers: ModelBuffers;
  readonly update: SliceUpdate;
  readonly #schedule: Schedule | undefined;
  #scheduledSteps = 0;

  /** Makes the model with the weights that the seed decides. */
  constructor(definition: TrainingDefinition, seed: number, length: ScheduleContext) {
    manualSeed(seed);
    this.definition = definition;
    this.model = checkedModel(definition.model());
    this.optimizer = checkedOptimizer(definition.optimizer(this.model.parameters() as never));
    this.buffers = new ModelBuffers(this.model);
    this.update = new SliceUpdate(definition, this.optimizer);
    this.#schedule = definition.schedule?.(this.optimizer, length);
  }

  handle(): ReplicaHandle {
    const { optimizer, buffers, update } = this;
    return {
      flat: optimizer.flat.handle(),
      optimizer: optimizer.handle(),
      buffers: buffers.handle(),
      update: update.handle(),
    };
  }

  /** Gives up its own parameters and optimizer state for those of another thread, and takes its buffers for the run's. */
  attach({ flat, optimizer, buffers, update }: ReplicaHandle): void {
    this.optimizer.flat.attach(flat);
    this.optimizer.attach(optimizer);
    this.buffers.attach(buffers);
    this.update.attach(update);
  }

  /** Brings the learning rate to where it is after `steps` steps of the run. */
  schedule(steps: number): void {
    for (; this.#scheduledSteps < steps; this.#scheduledSteps++) this.#schedule?.step();
  }
}
