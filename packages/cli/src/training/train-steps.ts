import { datasetFromHandle, DistributedSampler, type Dataset } from '@gradwire/data';
import { planBuckets, ShardGradients, StepControl, treeSum } from '@gradwire/dist';
import {
  flatSlices,
  GradwireError,
  manualSeed,
  step as memoryStep,
  tensor,
  Tensor,
  type TensorHandle,
} from '@gradwire/tensor';
import type { Replica } from './replica.ts';
import { busyShards, ShardSums, syncLayers } from './shard-sums.ts';
import { StepLog } from './step-log.ts';
import type { StepMessage, TrainTask } from './train-task.ts';
import { checkedBatch, checkedLoss } from './user-values.ts';

/**
 * Runs a thread's part of the steps of one epoch. A step: forward and backward on each shard of the thread, gradients
 * summed over all shards of the run, one settled loss, and this thread's slice of the parameters updated.
 * Returns the number of steps done. Throws ERR_LOSS before any weight is changed by a step whose loss is not finite.
 */
export function trainSteps(task: TrainTask, replica: Replica): number {
  const steps = new ThreadSteps(task, replica);
  let done = 0;
  for (let step = task.from; step < task.to; step++) {
    steps.run(step);
    done++;
    if (steps.stopping) break;
  }
  return done;
}

class ThreadSteps {
  readonly #task: TrainTask;
  readonly #replica: Replica;
  readonly #dataset: Dataset;
  readonly #sampler: DistributedSampler;
  readonly #control: StepControl;
  readonly #gradients: ShardGradients;
  readonly #log: StepLog;
  readonly #shardLosses: Float64Array;
  readonly #arrivals: Float64Array;
  /** For each shard of the process, its part of the change of the model's buffers. */
  readonly #bufferChanges: readonly Float64Array[];
  /** For layers that see the batches of all shards; null if there are none. */
  readonly #sums: ShardSums | null;
  /** This step's number in the run, from 1. */
  #step = 0;

  constructor(task: TrainTask, replica: Replica) {
    this.#task = task;
    this.#replica = replica;
    this.#dataset = datasetFromHandle(task.dataset);
    const { batchSize, shards: shardCount, seed } = task;
    const { length, bucketBy } = this.#dataset;
    this.#sampler = new DistributedSampler({ length, batchSize, shardCount, seed, bucketBy });
    this.#control = StepControl.attach(task.control);
    this.#log = new StepLog(task.log);
    this.#shardLosses = Tensor.fromHandle(task.shardLosses).view() as Float64Array;
    this.#arrivals = Tensor.fromHandle(task.arrivals).view() as Float64Array;
    const changes = Tensor.fromHandle(task.bufferChanges).view() as Float64Array;
    const { size } = replica.buffers;
    this.#bufferChanges = Array.from({ length: task.processShards }, (_, shard) =>
      changes.subarray(shard * size, (shard + 1) * size),
    );
    const { flat } = replica.optimizer;
    const buckets = planBuckets(flat);
    const tellSummed = (bucket: number): void => {
      // The last bucket needs no message of its own: all are complete when the step's figures arrive.
      if (bucket < buckets.length - 1) this.#tell({ type: 'bucket', step: this.#step, bucket });
    };
    const onSummed = task.port ? tellSummed : null;
    this.#gradients = new ShardGradients(flat, buckets, task.gradients, this.#control, onSummed);
    this.#sums = task.sums && this.#connectLayers(task.sums);
    if (replica.definition.scheduleMetric !== undefined) replica.lrs = task.lrs; // else each step says it
    replica.model.train();
  }

  #connectLayers(handle: TensorHandle): ShardSums {
    const { processShards, thread } = this.#task;
    const sums = new ShardSums(handle, processShards, thread, this.#control, (message) => this.#tell(message));
    for (const layer of syncLayers(this.#replica.model)) layer.sumOverWorkers = (numbers) => sums.sum(numbers);
    return sums;
  }

  get stopping(): boolean {
    return this.#control.stopping;
  }

  run(stepInEpoch: number): void {
    const { stepsBefore, firstShard, shardsPerThread, thread } = this.#task;
    this.#step = stepsBefore + stepInEpoch + 1;
    this.#replica.schedule(this.#step - 1);
    const startMs = performance.now();
    for (let shard = firstShard; shard < firstShard + shardsPerThread; shard++) this.#runShard(stepInEpoch, shard);
    const arrivalMs = performance.now();
    this.#arrivals[2 * thread] = arrivalMs - startMs;
    this.#arrivals[2 * thread + 1] = performance.timeOrigin + arrivalMs; // each thread has a clock origin of its own
    this.#control.barrier(() => this.#settle(stepInEpoch));
    this.#checkLoss();
    this.#update();
    this.#control.barrier(() => this.#finish());
  }

  /** Forward and backward on one shard; its gradient counts by its share of the global batch. */
  #runShard(stepInEpoch: number, shard: number): void {
    const { epoch, seed, shards, processShards } = this.#task;
    const { definition, model, buffers } = this.#replica;
    const indices = this.#sampler.indices(epoch, stepInEpoch, shard);
    const local = shard % processShards;
    this.#shardLosses[local] = 0;
    buffers.load();
    this.#gradients.begin(local);
    const share = indices.length / this.#sampler.batchCount(stepInEpoch);
    if (indices.length > 0) {
      this.#sums?.begin(busyShards(this.#sampler.batchCount(stepInEpoch), shard - local, this.#task));
      manualSeed(seed, 1 + this.#step * shards + shard); // chance belongs to the shard, wherever it is computed
      memoryStep(() => {
        const plain = this.#dataset.batch(indices);
        const batch = definition.augment ? checkedBatch(definition.augment(plain)) : plain;
        const loss = checkedLoss(definition.loss(model as never, batch as never));
        loss.backward(tensor(share).reshape(loss.shape));
        this.#shardLosses[local] = loss.item() * indices.length;
      });
      this.#sums?.end();
    }
    buffers.measure(share, this.#bufferChanges[local]!);
    this.#gradients.end();
  }

  /** In the thread that came last: settles the step's loss, with the other processes if there are any. */
  #settle(stepInEpoch: number): void {
    const lossSum = this.#shardLosses.reduce((sum, loss) => sum + loss, 0);
    const examples = this.#sampler.batchCount(stepInEpoch);
    treeSum(this.#bufferChanges);
    const settleMs = performance.now();
    this.#log.write(this.#step, this.#meanTimes());
    if (this.#task.port) {
      this.#tell({ type: 'arrived', step: this.#step, lossSum, examples });
      this.#control.awaitCommit(this.#step);
    } else {
      this.#log.write(this.#step, { loss: lossSum / examples });
      this.#control.stopping = this.#control.stopWanted;
    }
    this.#log.write(this.#step, { lr: this.#replica.optimizer.lr, netMs: performance.now() - settleMs });
  }

  /** What the threads of this process spent on their shards, and on waiting for the last of them, on the mean. */
  #meanTimes(): { computeMs: number; waitMs: number } {
    const { threads } = this.#task;
    const nowMs = performance.timeOrigin + performance.now();
    let [computeMs, waitMs] = [0, 0];
    for (let thread = 0; thread < threads; thread++) {
      computeMs += this.#arrivals[2 * thread]! / threads;
      waitMs += Math.max(0, nowMs - this.#arrivals[2 * thread + 1]!) / threads;
    }
    return { computeMs, waitMs };
  }

  #checkLoss(): void {
    const { loss } = this.#log.read(this.#step);
    if (Number.isFinite(loss)) return;
    const { epoch } = this.#task;
    throw new GradwireError(
      'ERR_LOSS',
      `the loss is ${loss} at step ${this.#step} (epoch ${epoch + 1}); ` +
        'try a lower learning rate, and look for bad values in the data; checkpoints of earlier steps are kept',
    );
  }

  /** This thread's slice of the parameters, which parameter servers have done if there are any, and of their averages. */
  #update(): void {
    const { strategy, thread, threads, port } = this.#task;
    const { optimizer, update, average } = this.#replica;
    const slice = flatSlices(optimizer.flat, threads)[thread]!;
    if (!port) this.#gradients.sumSlice(slice.start, slice.end);
    if (strategy === 'all-reduce') {
      const phases = update.run(slice);
      while (!phases.next().done) this.#control.barrier(() => {});
    }
    average?.updateSlice(slice.start, slice.end);
  }

  #finish(): void {
    this.#replica.buffers.move(this.#bufferChanges[0]!);
    if (this.#task.strategy === 'all-reduce') this.#replica.optimizer.advance();
    this.#replica.average?.advance();
    this.#log.write(this.#step, { endedAtMs: performance.timeOrigin + performance.now() });
    this.#control.finished = this.#step;
  }

  #tell(message: StepMessage): void {
    this.#task.port?.postMessage(message);
  }
}
