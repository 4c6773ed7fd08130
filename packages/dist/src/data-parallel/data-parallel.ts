import { FlatParameters, type Tensor } from '@gradwire/tensor';
import type { ProcessGroup } from '../group.ts';
import { broadcast } from '../collectives/broadcast.ts';
import { StepControl } from '../threads/step-control.ts';
import { planBuckets } from './bucket-plan.ts';
import { GradientExchange } from './gradient-exchange.ts';
import { ShardGradients } from './shard-gradients.ts';

/**
 * Averages the gradients of a model over the processes of a group, for training loops of your own: one backward a step
 * in each process. Buckets of gradients are on their way while backward goes on. Moves the parameters into flat memory.
 *
 * For each batch: optimizer.zeroGrad(); loss.backward(); await parallel.finish(); optimizer.step().
 */
export class DataParallel {
  readonly #group: ProcessGroup;
  readonly #flat: FlatParameters;
  readonly #gradients: ShardGradients;
  readonly #exchange: GradientExchange;
  #step = 0;

  constructor(group: ProcessGroup, namedParameters: Iterable<readonly [string, Tensor]>) {
    this.#group = group;
    this.#flat = FlatParameters.of([...namedParameters].map(([, parameter]) => parameter));
    const buckets = planBuckets(this.#flat);
    const { grad } = this.#flat;
    this.#exchange = new GradientExchange(group, grad.view() as Float32Array, buckets);
    const onSummed = (bucket: number): void => this.#exchange.filled(this.#step, bucket);
    const control = StepControl.create(1, buckets.length);
    this.#gradients = new ShardGradients(this.#flat, buckets, [grad.handle()], control, onSummed);
    this.#gradients.begin(0);
  }

  /** Gives every process the parameters of rank 0. Call it once before training. */
  async broadcastParameters(): Promise<void> {
    await broadcast(this.#group, this.#flat.data.view() as Float32Array);
  }

  /**
   * Call it after backward. When it resolves, every gradient is the mean over all processes; parameters that had no
   * part in the loss count as zero. Throws what the group throws if a peer is lost.
   */
  async finish(): Promise<void> {
    this.#gradients.end();
    await this.#exchange.finish(this.#step++, []);
    const gradient = this.#flat.grad.view();
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= this.#group.size;
  }
}
