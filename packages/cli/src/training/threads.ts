/** The worker threads of one process: their shared memory, and the tasks that they run. */
import { partition, planBuckets, StepControl, type ProcessGroup, type ThreadPool } from '@gradwire/dist';
import type { DatasetHandle } from '@gradwire/data';
import type { ExponentialMovingAverage } from '@gradwire/nn';
import { GradwireError, Tensor, type TensorHandle } from '@gradwire/tensor';
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ScheduleContext } from '../define-training.ts';
import type { RunConfig } from '../run-config.ts';
import type { Position } from './position.ts';
import type { Replica } from './replica.ts';
import { sharedSums } from './shard-sums.ts';
import { StepLog } from './step-log.ts';
import type { EvaluateTask, StepMessage, TaskResult, ThreadContext, TrainTask } from './train-task.ts';

type Task = ThreadContext & { readonly port?: MessagePort | null };

export class Threads {
  readonly control: StepControl;
  readonly log = new StepLog();
  readonly #run: RunConfig;
  readonly #group: ProcessGroup;
  readonly #pool: ThreadPool;
  readonly #context: ThreadContext;
  readonly #gradients: TensorHandle[];
  readonly #shardLosses: TensorHandle;
  readonly #arrivals: TensorHandle;
  readonly #average: ExponentialMovingAverage | undefined;
  readonly #bufferChanges: TensorHandle;
  /** Where shards sum numbers in the midst of a step, if the model needs it. */
  readonly sums: TensorHandle | null;

  /** pool: of as many threads as the run has in a process, at work on `worker.ts`. */
  constructor(pool: ThreadPool, run: RunConfig, group: ProcessGroup, replica: Replica, length: ScheduleContext) {
    this.#pool = pool;
    this.#run = run;
    this.#group = group;
    const { flat } = replica.optimizer;
    this.#average = replica.average;
    this.control = StepControl.create(
      run.threads,
      planBuckets(flat).length,
      run.nproc * run.threads <= availableParallelism(),
    );
    const processShards = run.shards / run.nproc;
    this.#gradients = Array.from({ length: processShards }, (_, shard) =>
      shard === 0 ? flat.grad.handle() : shared([flat.data.size], 'float32'),
    );
    this.#shardLosses = shared([processShards], 'float64');
    this.#arrivals = shared([2 * run.threads], 'float64');
    this.#bufferChanges = shared([processShards, replica.buffers.size], 'float64');
    this.sums = run.shards > 1 ? sharedSums(replica.model, processShards) : null;
    this.#context = { seed: run.seed, length, replica: replica.handle() };
  }

  /** Runs steps of the epoch at `position` to its end or to a stop; `onMessage` hears the threads during a step. */
  async train(
    dataset: DatasetHandle,
    { epoch, step, stepInEpoch }: Position,
    stepsPerEpoch: number,
    lrs: readonly number[],
    onMessage: ((message: StepMessage) => void) | null,
  ): Promise<number> {
    const { strategy, batchSize, shards, nproc, threads } = this.#run;
    const processShards = shards / nproc;
    const shardsPerThread = processShards / threads;
    const ports = Array.from({ length: threads }, () => (onMessage ? listenOn(onMessage) : null));
    const done = await this.#all<number>((thread): TrainTask => ({
      ...this.#context,
      kind: 'train',
      strategy,
      dataset,
      batchSize,
      shards,
      processShards,
      shardsPerThread,
      firstShard: this.#group.rank * processShards + thread * shardsPerThread,
      thread,
      threads,
      gradients: this.#gradients,
      control: this.control.handle,
      log: this.log.handle,
      shardLosses: this.#shardLosses,
      arrivals: this.#arrivals,
      bufferChanges: this.#bufferChanges,
      sums: this.sums,
      epoch,
      from: stepInEpoch,
      to: stepsPerEpoch,
      stepsBefore: step - stepInEpoch,
      lrs,
      port: ports[thread]!,
    }));
    return done[0]!;
  }

  /** The changes of the model's buffers: of this process once its shards are summed, of the run once it is settled. */
  get bufferChanges(): Float64Array {
    const [, size] = this.#bufferChanges.shape;
    return (Tensor.fromHandle(this.#bufferChanges).view() as Float64Array).subarray(0, size);
  }

  /** Measures this process's share of a test set, with the averaged weights if there are any; returns sums over its samples (`evaluate`). */
  async evaluate(dataset: DatasetHandle, length: number): Promise<number[]> {
    const { nproc, threads } = this.#run;
    this.#average?.swap(); // all threads see the averages then
    const sums = await this.#all<number[]>((thread): EvaluateTask => {
      const { start, end } = partition(length, nproc * threads, this.#group.rank * threads + thread);
      return { ...this.#context, kind: 'evaluate', dataset, from: start, to: end };
    });
    this.#average?.swap();
    return sums.reduce((total, part) => total.map((value, i) => value + part[i]!));
  }

  /** Runs a task in every thread; if some fail, throws the error that made the others give up. */
  async #all<Value>(taskOf: (thread: number) => Task): Promise<Value[]> {
    const results = await this.#pool.run<TaskResult<Value>, Task>(taskOf, ({ port }) => (port ? [port] : []));
    const failures = results.flatMap((result) => ('failure' in result ? [result.failure] : []));
    const first = failures.find(({ code }) => code !== 'ERR_STEP_ABORTED') ?? failures[0];
    if (first) throw new GradwireError(first.code, first.message, { cause: first.stack });
    return results.map((result) => (result as { value: Value }).value);
  }
}

function shared(shape: readonly number[], dtype: 'float32' | 'float64'): TensorHandle {
  return Tensor.emptyLongLived(shape, dtype, 'gradients').handle();
}

/** The thread's end of a channel whose messages `onMessage` gets in this thread. */
function listenOn(onMessage: (message: StepMessage) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', onMessage);
  return port2;
}
