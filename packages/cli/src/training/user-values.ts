/** Checks what the functions of a training file return, where the types of the file did not. */
import type { Batch, Dataset } from '@gradwire/data';
import { Module, Optimizer, ReduceLROnPlateau } from '@gradwire/nn';
import { GradwireError, Tensor } from '@gradwire/tensor';
import { show } from '../checked.ts';
import type { MetricSchedule, Schedule, TrainingData, TrainingDefinition } from '../define-training.ts';

export function checkedData(value: unknown): TrainingData<never> {
  const { train, test } = (value ?? {}) as { train?: unknown; test?: unknown };
  if (isDataset(train) && (!test || isDataset(test))) return value as TrainingData<never>;
  const part = isDataset(train) ? `test is ${show(test)}` : `train is ${show(train)}`;
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  throw wrong('data', 'an object { train, test } of datasets', isPlain ? `${show(value)} whose ${part}` : show(value));
}

function isDataset(value: unknown): boolean {
  const { length, batch, handle } = (value ?? {}) as Partial<Record<keyof Dataset, unknown>>;
  return Number.isInteger(length) && typeof batch === 'function' && typeof handle === 'function';
}

export function checkedModel(value: unknown): Module {
  if (value instanceof Module) return value;
  throw wrong('model', 'a Module of @gradwire/nn', show(value));
}

export function checkedOptimizer(value: unknown): Optimizer {
  if (value instanceof Optimizer) return value;
  throw wrong('optimizer', 'an Optimizer of @gradwire/nn', show(value));
}

/** What `schedule` has returned; with `scheduleMetric`, one whose state can be saved. */
export function checkedSchedule(value: unknown, { scheduleMetric }: TrainingDefinition): Schedule | MetricSchedule {
  const { step, stateDict, loadStateDict } = (value ?? {}) as Partial<Record<keyof MetricSchedule, unknown>>;
  const hasAll = (...methods: unknown[]): boolean => methods.every((method) => typeof method === 'function');
  if (!hasAll(step)) throw wrong('schedule', 'a schedule, an object with step', show(value));
  if (scheduleMetric !== undefined && !hasAll(stateDict, loadStateDict)) {
    throw wrong('schedule', 'one with step, stateDict and loadStateDict, as scheduleMetric is given', show(value));
  }
  if (scheduleMetric === undefined && value instanceof ReduceLROnPlateau) {
    throw new GradwireError(
      'ERR_TRAINING_FILE',
      'defineTraining: schedule is a ReduceLROnPlateau, which watches a figure; name it, for instance scheduleMetric: "testLoss"',
    );
  }
  return value as Schedule | MetricSchedule;
}

/** What `augment` has returned. */
export function checkedBatch(value: unknown): Batch {
  const isBatch = typeof value === 'object' && value !== null && Object.values(value).every((x) => x instanceof Tensor);
  if (isBatch) return value as Batch;
  throw wrong('augment', 'a batch, an object of tensors', show(value));
}

export function checkedLoss(value: unknown): Tensor {
  if (value instanceof Tensor && value.size === 1) return value;
  throw wrong('loss', 'the mean loss as a tensor with one element', shown(value));
}

export function checkedOutput(value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  throw wrong('predict', 'the output that metrics see, as a tensor', show(value));
}

/** `name` is that of the option, such as `metrics.accuracy`. */
export function checkedFigure(name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor && value.size === 1) return value.item();
  throw wrong(name, 'a number or a tensor with one element', shown(value));
}

export function checkedSums(name: string, value: unknown, size: number): readonly number[] {
  const isArray = Array.isArray(value);
  if (isArray && value.length === size && value.every((sum) => typeof sum === 'number')) return value;
  throw wrong(name, `an array of ${size} numbers, its size`, isArray ? `one of ${value.length} values` : shown(value));
}

function shown(value: unknown): string {
  return value instanceof Tensor ? `a tensor of shape [${value.shape.join(', ')}]` : show(value);
}

function wrong(name: string, expected: string, got: string): GradwireError {
  return new GradwireError('ERR_TRAINING_FILE', `defineTraining: ${name} must return ${expected}, got ${got}`);
}
