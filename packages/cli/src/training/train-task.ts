import type { DatasetHandle } from '@gradwire/data';
import type { StepControlHandle } from '@gradwire/dist';
import type { TensorHandle } from '@gradwire/tensor';
import type { MessagePort } from 'node:worker_threads';
import type { ScheduleContext } from '../define-training.ts';
import type { Strategy } from '../run-config.ts';
import type { ReplicaHandle } from './replica.ts';
import type { SumMessage } from './shard-sums.ts';

/** What every task of a thread needs to have the run's model on the process's memory. */
export interface ThreadContext {
  readonly seed: number;
  readonly length: ScheduleContext;
  readonly replica: ReplicaHandle;
}

/** Steps of one epoch, for one thread of a process. */
export interface TrainTask extends ThreadContext {
  readonly kind: 'train';
  readonly strategy: Strategy;
  readonly dataset: DatasetHandle;
  readonly batchSize: number;
  /** Logical shards of the whole run, of each process, and those of this thread: firstShard … + shardsPerThread − 1. */
  readonly shards: number;
  readonly processShards: number;
  readonly shardsPerThread: number;
  readonly firstShard: number;
  readonly thread: number;
  readonly threads: number;
  /** A flat gradient for each shard of the process. */
  readonly gradients: readonly TensorHandle[];
  readonly control: StepControlHandle;
  readonly log: TensorHandle;
  /** Loss of each shard of the process times its examples. */
  readonly shardLosses: TensorHandle;
  /** What each shard of the process has changed in the model's buffers times its share; [shards, size of the buffers]. */
  readonly bufferChanges: TensorHandle;
  /** Where shards sum numbers in the midst of a step, if the model needs it (`ShardSums`). */
  readonly sums: TensorHandle | null;
  /** For each thread, how long its shards took and when it finished them. */
  readonly arrivals: TensorHandle;
  readonly epoch: number;
  /** Steps of the epoch to run, from 0; `stepsBefore` steps of the run came before this epoch. */
  readonly from: number;
  readonly to: number;
  readonly stepsBefore: number;
  /** The learning rate of each parameter group, as the main thread has it. */
  readonly lrs: readonly number[];
  /** To the main thread, in a run of several processes. */
  readonly port: MessagePort | null;
}

/** Test samples from … to − 1, for one thread. */
export interface EvaluateTask extends ThreadContext {
  readonly kind: 'evaluate';
  readonly dataset: DatasetHandle;
  readonly from: number;
  readonly to: number;
}

/** An error as it crosses from a thread; classes and codes do not survive the way by themselves. */
export interface TaskFailure {
  readonly code: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export type TaskResult<Value> = { readonly value: Value } | { readonly failure: TaskFailure };

/** What a thread tells the main thread during a step. */
export type StepMessage =
  | SumMessage
  | { readonly type: 'bucket'; readonly step: number; readonly bucket: number }
  | { readonly type: 'arrived'; readonly step: number; readonly lossSum: number; readonly examples: number };
