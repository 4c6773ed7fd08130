import { Tensor, type TensorHandle } from '@gradwire/tensor';

/** What is known of a finished step. Times in milliseconds. */
export interface StepRecord {
  readonly loss: number;
  readonly lr: number;
  readonly computeMs: number;
  readonly waitMs: number;
  readonly netMs: number;
  /** When it was finished, since 1970, with fractions. */
  readonly endedAtMs: number;
}

const FIELDS = ['loss', 'lr', 'computeMs', 'waitMs', 'netMs', 'endedAtMs'] as const;
const STEPS_KEPT = 4096;

/**
 * The last steps of a run in shared memory: the threads write what they did, the main thread reads it when it has
 * time, so a step never waits for whoever shows it.
 */
export class StepLog {
  readonly #values: Float64Array;
  readonly #handle: TensorHandle;

  constructor(handle?: TensorHandle) {
    const tensor = handle
      ? Tensor.fromHandle(handle)
      : Tensor.emptyLongLived([STEPS_KEPT * FIELDS.length], 'float64', 'step log');
    this.#handle = tensor.handle();
    this.#values = tensor.view() as Float64Array;
  }

  get handle(): TensorHandle {
    return this.#handle;
  }

  write(step: number, record: Partial<StepRecord>): void {
    const at = (step % STEPS_KEPT) * FIELDS.length;
    FIELDS.forEach((field, i) => {
      const value = record[field];
      if (value !== undefined) this.#values[at + i] = value;
    });
  }

  /** A step that was written among the last 4,096. */
  read(step: number): StepRecord {
    const at = (step % STEPS_KEPT) * FIELDS.length;
    return Object.fromEntries(FIELDS.map((field, i) => [field, this.#values[at + i]])) as unknown as StepRecord;
  }

  static readonly stepsKept = STEPS_KEPT;
}
