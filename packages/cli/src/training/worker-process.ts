import { planBuckets, ThreadPool, type ProcessGroup } from '@gradwire/dist';
import { plainObject, type PlainState } from '../checkpoint/manifest.ts';
import type { ScheduleContext, TrainingData, TrainingDefinition } from '../define-training.ts';
import type { Metrics, TrainingEvent } from '../events.ts';
import type { RunConfig } from '../run-config.ts';
import { agreeOn, agreeOnValues, checkLengths } from './agree.ts';
import { checkWatched, EpochWatch } from './epoch-watch.ts';
import { epochFigures, noSums } from './evaluation.ts';
import { scheduleContext } from './length.ts';
import { checkedData } from './user-values.ts';
import { positionAfter, type Position } from './position.ts';
import { Progress } from './progress.ts';
import { Replica } from './replica.ts';
import { doneEvent, startEvent } from './run-events.ts';
import { gatherState, resume, save, shareState } from './saved-state.ts';
import { checkSyncLayers, numbersAt, type SumMessage } from './shard-sums.ts';
import { AllReduceExchange, ParameterServerExchange, type StepExchange } from './step-exchange.ts';
import { sumOverProcesses } from './sum-over-processes.ts';
import { Threads } from './threads.ts';
import type { StepMessage } from './train-task.ts';

type Emit = (event: TrainingEvent) => void;

/** Trains in one process: its threads compute, this thread talks to the other processes and keeps the records. */
export async function trainInProcess(
  run: RunConfig,
  definition: TrainingDefinition,
  group: ProcessGroup,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const pool = new ThreadPool(new URL('./worker.js', import.meta.url), run.threads, run.file); // starts while the data is read
  try {
    await trainOn(pool, run, definition, group, emit, signal);
  } finally {
    await pool.close();
  }
}

async function trainOn(
  pool: ThreadPool,
  run: RunConfig,
  definition: TrainingDefinition,
  group: ProcessGroup,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const data = checkedData(await definition.data({ dir: run.dataDir, seed: run.seed }));
  await checkLengths(group, run.nproc, data.train.length);
  const length = scheduleContext(run, await agreeOn(group, data.train.length));
  const replica = new Replica(definition, run.seed, length);
  checkSyncLayers(replica.model, run);
  checkWatched(definition, data.test?.length ?? 0);
  const saved = run.resume && group.rank === 0 ? await resume(run, replica, length) : { step: 0, state: {} };
  const step = await agreeOn(group, saved.step);
  await shareState(group, replica, run.resume);
  const watch = new EpochWatch(definition, replica, run.runDir, length);
  const state = run.resume ? await agreeOnValues(group, saved.state) : {};
  watch.restore(state);
  const threads = new Threads(pool, run, group, replica, length);
  threads.control.finished = step;
  const stop = (): void => threads.control.requestStop();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const report = group.rank === 0 ? emit : (): void => {}; // every process sees the same; one voice is enough
  const worker = new WorkerProcess({ run, group, data, length, replica, watch, threads, emit: report }, state);
  try {
    await worker.train(positionAfter(step, length.stepsPerEpoch));
  } catch (error) {
    threads.control.abort();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    worker.close();
  }
}

interface WorkerProcessParts {
  readonly run: RunConfig;
  readonly group: ProcessGroup;
  readonly data: TrainingData<never>;
  readonly length: ScheduleContext;
  readonly replica: Replica;
  readonly watch: EpochWatch;
  readonly threads: Threads;
  readonly emit: Emit;
}

class WorkerProcess {
  readonly #parts: WorkerProcessParts;
  readonly #progress: Progress;
  #metrics: Metrics = {};
  #checkpoint: string | undefined;
  #trainSeconds = 0;
  #epochSeconds = 0;
  #failure: unknown;

  /** state: the plain values of the checkpoint that the run goes on from. */
  constructor(parts: WorkerProcessParts, { epochLosses }: PlainState) {
    this.#parts = parts;
    const { run, length, threads, emit } = parts;
    this.#progress = new Progress({
      log: threads.log,
      batchSize: run.batchSize,
      stepsPerEpoch: length.stepsPerEpoch,
      emit,
      finished: () => threads.control.finished,
      losses: plainObject(epochLosses),
    });
  }

  close(): void {
    this.#progress.report(); // of a run that failed, the last steps before
    this.#progress.close();
  }

  async train(start: Position): Promise<void> {
    const { run, length, replica, threads, watch, emit } = this.#parts;
    emit(startEvent(run, replica, length, start.step));
    let position = start;
    while (position.epoch < run.epochs && !threads.control.stopping && !watch.isOver) {
      const done = await this.#trainEpoch(position);
      const next = positionAfter(position.step + done, length.stepsPerEpoch);
      if (next.stepInEpoch === 0) await this.#endEpoch(position, next);
      await this.#save(next);
      position = next;
    }
    if (position.epoch < run.epochs && watch.isOver) this.#emitEarlyStop(position);
    if (position.epoch === run.epochs || watch.isOver) this.#emitDone(position, position.step - start.step);
  }

  /** Runs the epoch's steps from `position` on; returns how many were done. */
  async #trainEpoch(position: Position): Promise<number> {
    const { group, data, length, replica, threads } = this.#parts;
    const exchange = group.size > 1 ? this.#newExchange() : null;
    const startMs = performance.now();
    const onMessage = exchange && ((message: StepMessage) => void this.#relay(exchange, message));
    try {
      const done = await threads.train(data.train.handle(), position, length.stepsPerEpoch, replica.lrs, onMessage);
      await exchange?.finish();
      return done;
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#epochSeconds = (performance.now() - startMs) / 1000;
      this.#trainSeconds += this.#epochSeconds;
    }
  }

  #newExchange(): StepExchange {
    const { run, group, replica } = this.#parts;
    const { flat } = replica.optimizer;
    if (run.strategy === 'parameter-server')
      return new ParameterServerExchange(group, run.nproc, flat, replica.buffers.size);
    return new AllReduceExchange(group, flat, planBuckets(flat));
  }

  /** Answers the threads: sends a bucket that is complete, settles a step whose gradients are all there. */
  async #relay(exchange: StepExchange, message: StepMessage): Promise<void> {
    const { control, log, bufferChanges } = this.#parts.threads;
    try {
      if (message.type === 'sum') return await this.#sum(message);
      const { step } = message;
      if (message.type === 'bucket') return exchange.filled(step, message.bucket);
      const { computeMs, waitMs } = log.read(step);
      const { netMs } = log.read(step - 1);
      const figures = { lossSum: message.lossSum, stop: control.stopWanted, computeMs, waitMs, netMs, bufferChanges };
      const settled = await exchange.settle(step, figures);
      log.write(step, { loss: settled.lossSum / message.examples });
      bufferChanges.set(settled.bufferChanges);
      if (settled.ranks) this.#progress.note(step, settled.ranks);
      control.stopping = settled.stop;
      control.commit(step);
    } catch (error) {
      this.#failure ??= error;
      control.abort();
    }
  }

  /** Sums what the layers of one shard a process have asked for. */
  async #sum(message: SumMessage): Promise<void> {
    const { group, threads } = this.#parts;
    await sumOverProcesses(group, message.processes, numbersAt(threads.sums!, message));
    threads.control.answer();
  }

  /** Measures the test set, if there is one, and reports the epoch that `position` belongs to. */
  async #endEpoch({ epoch }: Position, { step }: Position): Promise<void> {
    const { group, data, replica, threads, emit } = this.#parts;
    const seconds = this.#epochSeconds;
    const ownLoss = this.#progress.endEpoch();
    const { test } = data;
    const own = test ? await threads.evaluate(test.handle(), test.length) : noSums(replica.definition);
    const { loss, metrics } = await epochFigures(group, replica.definition, own, ownLoss);
    this.#metrics = metrics;
    if ('testLoss' in metrics) emit({ event: 'eval', step, epoch: epoch + 1, metrics });
    emit({ event: 'epoch', epoch: epoch + 1, step, loss, seconds, metrics });
    this.#watch({ loss, ...metrics }, step, epoch + 1);
  }

  /** Lets the figures of an epoch decide the learning rate and the end of the run. */
  #watch(figures: Metrics, step: number, epoch: number): void {
    const { replica, watch, emit } = this.#parts;
    const before = replica.optimizer.lr;
    watch.endEpoch(figures);
    const { lr } = replica.optimizer;
    const metric = replica.definition.scheduleMetric;
    if (metric !== undefined && lr !== before) emit({ event: 'learningRate', step, epoch, metric, before, lr });
  }

  async #save(position: Position): Promise<void> {
    const { run, group, length, replica, watch, emit } = this.#parts;
    this.#progress.report();
    await gatherState(run, group, replica);
    if (group.rank !== 0) return;
    const best = watch.bestAfter(position.epoch);
    const { losses } = this.#progress;
    const state = { ...watch.state, epochLosses: { ...losses } };
    this.#checkpoint = await save(run, replica, length, position, state, best?.step);
    emit({ event: 'checkpoint', step: position.step, epoch: position.epoch, path: this.#checkpoint });
  }

  #emitEarlyStop({ step, epoch }: Position): void {
    const { replica, watch, emit } = this.#parts;
    const best = watch.bestAfter(epoch);
    const { metric } = replica.definition.earlyStopping!;
    emit({ event: 'earlyStop', step, epoch, metric, ...(best && { best }) });
  }

  #emitDone({ step, epoch }: Position, stepsDone: number): void {
    const { run, length, data, replica, watch, emit } = this.#parts;
    const examples = (stepsDone / length.stepsPerEpoch) * data.train.length;
    const [seconds, metrics, checkpoint] = [this.#trainSeconds, this.#metrics, this.#checkpoint];
    const best = watch.bestAfter(epoch);
    emit(doneEvent(run, replica, examples, { steps: step, seconds, metrics, checkpoint, best }));
  }
}
