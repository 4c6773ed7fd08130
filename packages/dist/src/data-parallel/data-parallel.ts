import { FlatParameters, type Tensor } from '@gradwire/tensor';
import type { ProcessGroup } from '../group.ts';
import { broadcast } from '../collectives/broadcast.ts';
import { StepControl } from '../threads/step-control.ts';
import { planBuckets } from './bucket-plan.ts';
import { MeanBuffers } from './mean-buffers.ts';
import { GradientExchange } from './gradient-exchange.ts';
import { ShardGradients } from './shard-gradients.ts';

export interface DataParallelOptions {
  /** The model's tensors that are not learned, such as running moments: `model.buffers()`. */
  readonly buffers?: Iterable<Tensor>;
}

/**
 * Averages the gradients of a model over the processes of a group, for training loops of your own: one backward a step
 * in each process, and any number before it in `noSync`. Buckets of gradients are on their way while backward goes on.
 * Moves the parameters into flat memory.
 *
 * For each batch: optimizer.zeroGrad(); loss.backward(); await parallel.finish(); optimizer.step().
 *
 * The buffers become the mean over all processes with each step, so that all have the same moments, which have seen all
 * data (PyTorch's DDP takes those of rank 0).
 */
export class DataParallel {
  readonly #group: ProcessGroup;
  readonly #flat: FlatParameters;
  readonly #gradients: ShardGradients;
  readonly #exchange: GradientExchange;
  readonly #buffers: MeanBuffers;
  #step = 0;

  constructor(
    group: ProcessGroup,
    namedParameters: Iterable<readonly [string, Tensor]>,
    { buffers = [] }: DataParallelOptions = {},
  ) {
    this.#group = group;
    this.#buffers = new MeanBuffers(group, [...buffers]);
    this.#flat = FlatParameters.of([...namedParameters].map(([, parameter]) => parameter));
    const buckets = planBuckets(this.#flat);
    const { grad } = this.#flat;
    this.#exchange = new GradientExchange(group, grad.view() as Float32Array, buckets);
    const onSummed = (bucket: number): void => this.#exchange.filled(this.#step, bucket);
    const control = StepControl.create(1, buckets.length);
    this.#gradients = new ShardGradients(this.#flat, buckets, [grad.handle()], control, onSummed);
    this.#gradients.begin(0);
  }

  /** Gives every process the parameters and buffers of rank 0. Call it once before training. */
  async broadcastParameters(): Promise<void> {
    await broadcast(this.#group, this.#flat.data.view() as Float32Array);
    await this.#buffers.broadcast();
  }

  /**
   * Runs forward and backward on one of several parts of a batch: gradients add up in this process, and are sent only with
   * those of the next backward outside. All processes then call `finish` once. Scale the losses for the mean over the parts.
   */
  noSync<Result>(body: () => Result): Result {
    return this.#gradients.withoutSending(body);
  }

  /**
   * Call it after backward. When it resolves, every gradient is the mean over all processes, and so are the buffers;
   * parameters that had no part in the loss count as zero. Throws what the group throws if a peer is lost.
   */
  async finish(): Promise<void> {
    this.#gradients.end();
    await this.#exchange.finish(this.#step, []);
    await this.#buffers.average(this.#step++);
    const gradient = this.#flat.grad.view();
    for (let i = 0; i < gradient.length; i++) gradient[i]! /= this.#group.size;
  }
}
