import { manualSeed, type FlatHandle, type TensorHandle } from '@gradwire/tensor';
import type { Module, Optimizer } from '@gradwire/nn';
import type { Schedule, ScheduleContext, TrainingDefinition } from '../define-training.ts';
import { checkedModel, checkedOptimizer } from './user-values.ts';

/** Where a replica's parameters, gradient and optimizer state lie, for the other threads of the process. */
export interface ReplicaHandle {
  readonly flat: FlatHandle;
  readonly optimizer: Readonly<Record<string, TensorHandle>>;
}

/** The model of a training with its optimizer and schedule; every thread has one, all on the same memory. */
export class Replica {
  readonly definition: TrainingDefinition;
  readonly model: Module;
  readonly optimizer: Optimizer;
  readonly #schedule: Schedule | undefined;
  #scheduledSteps = 0;

  /** Makes the model with the weights that the seed decides. */
  constructor(definition: TrainingDefinition, seed: number, length: ScheduleContext) {
    manualSeed(seed);
    this.definition = definition;
    this.model = checkedModel(definition.model());
    this.optimizer = checkedOptimizer(definition.optimizer(this.model.parameters() as never));
    this.#schedule = definition.schedule?.(this.optimizer, length);
  }

  handle(): ReplicaHandle {
    return { flat: this.optimizer.flat.handle(), optimizer: this.optimizer.handle() };
  }

  /** Gives up its own parameters and optimizer state for those of another thread. */
  attach({ flat, optimizer }: ReplicaHandle): void {
    this.optimizer.flat.attach(flat);
    this.optimizer.attach(optimizer);
  }

  /** Brings the learning rate to where it is after `steps` steps of the run. */
  schedule(steps: number): void {
    for (; this.#scheduledSteps < steps; this.#scheduledSteps++) this.#schedule?.step();
  }
}
