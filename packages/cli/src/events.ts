/**
 * What happens during a run, as `--json` prints it and `events.jsonl` keeps it: one object a line, told apart by
 * `event`. Times are in seconds unless the name ends in `Ms`; steps count from 1, epochs from 1, ranks from 0.
 */
export type TrainingEvent =
  | StartEvent
  | StepEvent
  | EvalEvent
  | EpochEvent
  | LearningRateEvent
  | CheckpointEvent
  | MemberEvent
  | EarlyStopEvent
  | DoneEvent
  | ErrorEvent;

/** Values of metrics by name, such as `{ testLoss: 0.04, testAccuracy: 0.989 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** The run is about to take its first step. */
export interface StartEvent {
  readonly event: 'start';
  /** The training file, as given. */
  readonly file: string;
  readonly worldSize: number;
  /** Workers in each process. */
  readonly threads: number;
  readonly servers: number;
  readonly shards: number;
  readonly strategy: 'all-reduce' | 'parameter-server';
  /** The kernels in use, such as `wasm` or `wasm+blas`. */
  readonly backend: string;
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly totalSteps: number;
  /** Number of trainable elements. */
  readonly parameters: number;
  /** Steps already done, more than 0 after `--resume`. */
  readonly step: number;
  readonly runDir: string;
}

/** One optimizer step was committed. */
export interface StepEvent {
  readonly event: 'step';
  readonly step: number;
  readonly epoch: number;
  /** Mean over the global batch. */
  readonly loss: number;
  readonly lr: number;
  readonly examplesPerSecond: number;
  /** How each process spent the step, where that was measured. */
  readonly ranks?: readonly RankTimes[];
}

/** How one process spent a step. */
export interface RankTimes {
  readonly rank: number;
  readonly computeMs: number;
  readonly waitMs: number;
  readonly netMs: number;
}

/** The test set was measured. */
export interface EvalEvent {
  readonly event: 'eval';
  readonly step: number;
  readonly epoch: number;
  readonly metrics: Metrics;
}

/** All examples were used once more; follows the epoch's `eval`. */
export interface EpochEvent {
  readonly event: 'epoch';
  readonly epoch: number;
  readonly step: number;
  /** Mean over the epoch. */
  readonly loss: number;
  readonly seconds: number;
  readonly metrics: Metrics;
}

/** A schedule that watches a figure has changed the learning rate; follows the `epoch`. */
export interface LearningRateEvent {
  readonly event: 'learningRate';
  readonly step: number;
  readonly epoch: number;
  /** The figure that it watches. */
  readonly metric: string;
  readonly before: number;
  readonly lr: number;
}

/** A checkpoint is complete on disk. */
export interface CheckpointEvent {
  readonly event: 'checkpoint';
  readonly step: number;
  readonly epoch: number;
  readonly path: string;
}

/** A process came or went. */
export interface MemberEvent {
  readonly event: 'member';
  readonly change: 'joined' | 'left' | 'lost';
  readonly rank: number;
  readonly worldSize: number;
  readonly reason?: string;
}

/** The best figure of a run with early stopping, and the checkpoint of that epoch. */
export interface Best {
  readonly metric: string;
  readonly value: number;
  readonly epoch: number;
  readonly step: number;
  readonly checkpoint: string;
}

/** The run ends before its last epoch, because a figure has not improved for some epochs. */
export interface EarlyStopEvent {
  readonly event: 'earlyStop';
  readonly step: number;
  /** Epochs done. */
  readonly epoch: number;
  readonly metric: string;
  /** Absent if the figure never was a number. */
  readonly best?: Best;
}

/** The run is complete. */
export interface DoneEvent {
  readonly event: 'done';
  readonly steps: number;
  readonly seconds: number;
  readonly examplesPerSecond: number;
  readonly metrics: Metrics;
  /** Of the parameters' bytes in state-dict order, in hexadecimal. */
  readonly weightsSha256: string;
  readonly worldSize: number;
  readonly threads: number;
  readonly checkpoint?: string;
  /** With early stopping. */
  readonly best?: Best;
}

/** The run failed or was interrupted (`ERR_INTERRUPTED`). */
export interface ErrorEvent {
  readonly event: 'error';
  readonly code: string;
  readonly message: string;
}

const NAMES: ReadonlySet<unknown> = new Set<TrainingEvent['event']>([
  'start',
  'step',
  'eval',
  'epoch',
  'learningRate',
  'checkpoint',
  'member',
  'earlyStop',
  'done',
  'error',
]);

/** Tells whether something that came from another process is an event; its fields are that process's business. */
export function isTrainingEvent(value: unknown): value is TrainingEvent {
  return typeof value === 'object' && value !== null && 'event' in value && NAMES.has(value.event);
}
