import type { RankTimes, TrainingEvent } from '../events.ts';
import { positionAfter } from './position.ts';
import { StepLog, type StepRecord } from './step-log.ts';

const PERIOD_MS = 50;
const RATE_STEPS = 20; // examplesPerSecond is measured over so many steps

export interface ProgressOptions {
  readonly log: StepLog;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly emit: (event: TrainingEvent) => void;
  /** Number of the last step that is complete. */
  readonly finished: () => number;
  /** Losses of the epoch at hand before. */
  readonly losses?: { readonly [name in keyof EpochLosses]?: unknown };
}

/** What is known of the losses of an epoch that is not over. */
export interface EpochLosses {
  readonly sum: number;
  readonly steps: number;
}

/** Turns the steps that the threads log into events, now and then, so that no step waits for them. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #endsMs: number[] = [];
  #reported: number;
  #lossSum: number;
  #lossSteps: number;
  /** How each process spent the steps that are not emitted yet, where there are several and they tell. */
  readonly #ranks = new Map<number, readonly RankTimes[]>();

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#reported = options.finished();
    this.#lossSum = Number(options.losses?.sum ?? 0);
    this.#lossSteps = Number(options.losses?.steps ?? 0);
    this.#timer = setInterval(() => this.report(), PERIOD_MS);
  }

  /** Notes how each process spent a step, before it is finished. */
  note(step: number, ranks: readonly RankTimes[]): void {
    this.#ranks.set(step, ranks);
  }

  /** Emits all finished steps that were not emitted yet, as far back as the log goes. */
  report(): void {
    const finished = this.#options.finished();
    this.#reported = Math.max(this.#reported, finished - StepLog.stepsKept);
    while (this.#reported < finished) this.#emitStep(++this.#reported, this.#options.log.read(this.#reported));
  }

  /** Of the epoch at hand, as far as steps were reported. */
  get losses(): EpochLosses {
    return { sum: this.#lossSum, steps: this.#lossSteps };
  }

  /** Ends an epoch; returns the mean loss of its steps, and begins the next one. */
  endEpoch(): number {
    this.report();
    const loss = this.#lossSteps === 0 ? NaN : this.#lossSum / this.#lossSteps;
    this.#lossSum = this.#lossSteps = this.#endsMs.length = 0;
    return loss;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #emitStep(step: number, { loss, lr, computeMs, waitMs, netMs, endedAtMs }: StepRecord): void {
    this.#lossSum += loss;
    this.#lossSteps++;
    this.#endsMs.push(endedAtMs);
    if (this.#endsMs.length > RATE_STEPS + 1) this.#endsMs.shift();
    const steps = this.#endsMs.length - 1;
    const seconds = (steps > 0 ? (endedAtMs - this.#endsMs[0]!) / steps : computeMs + waitMs + netMs) / 1000;
    const { batchSize, stepsPerEpoch, emit } = this.#options;
    emit({
      event: 'step',
      step,
      epoch: positionAfter(step - 1, stepsPerEpoch).epoch + 1,
      loss,
      lr,
      examplesPerSecond: Math.round(batchSize / Math.max(seconds, 1e-6)),
      ranks: this.#ranks.get(step) ?? [{ rank: 0, computeMs, waitMs, netMs }],
    });
    this.#ranks.delete(step);
  }
}
