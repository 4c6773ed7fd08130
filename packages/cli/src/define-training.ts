import type { Batch, Dataset } from '@gradwire/data';
import type { EarlyStoppingOptions, Module, Optimizer, PlainValues, SummableMetric } from '@gradwire/nn';
import type { Tensor } from '@gradwire/tensor';
import { z } from 'zod';
import { checked } from './checked.ts';
import { limited } from './limits.ts';
import { UsageError } from './usage-error.ts';

const DEFAULT_SEED = 1;
const A_DECAY = 'must be a number from 0 to below 1';

/** What `data` is told: where the user's files lie (`--data` or GRADWIRE_DATA), and the run's seed. */
export interface DataContext {
  readonly dir: string | undefined;
  readonly seed: number;
}

/** The examples to learn from, and those to measure with. */
export interface TrainingData<B extends Batch> {
  readonly train: Dataset<B>;
  readonly test?: Dataset<B>;
}

/** What `schedule` is told about the length of the run. */
export interface ScheduleContext {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** Changes the learning rate of an optimizer, as nn's schedules do; `step` is called after every optimizer step. */
export interface Schedule {
  step(): void;
}

/** A schedule that is told a figure after every epoch instead, as ReduceLROnPlateau of nn, and can save its state. */
export interface MetricSchedule {
  step(figure: number): void;
  stateDict(): PlainValues;
  loadStateDict(state: PlainValues): void;
}

/** When to end a run early, by which figure: `loss` (of training), `testLoss`, or `test` and the name of a metric. */
export interface EarlyStoppingSettings extends EarlyStoppingOptions {
  readonly metric: string;
}

/**
 * A figure of the test set: a function of a batch whose results are averaged over the examples, or an object whose sums
 * are added over all batches before they become the figure. `output` is what `predict` gives, `target` is `batch.y`.
 */
export type Metric<B extends Batch = Batch> =
  ((output: Tensor, target: Tensor, batch: B) => Tensor | number) | SummableMetric<B>;

/** A whole training: what `defineTraining` takes. */
export interface TrainingOptions<B extends Batch, Model extends Module> {
  /** Reads or makes the data. Called once in each process. */
  readonly data: (context: DataContext) => TrainingData<B> | Promise<TrainingData<B>>;
  /** Changes a batch of training by chance, before `loss` sees it; the test set is measured as it is. */
  readonly augment?: (batch: NoInfer<B>) => NoInfer<B>;
  /** Makes the network with fresh weights. */
  readonly model: () => Model;
  /** Mean loss of a batch, as a tensor with one element. */
  readonly loss: (model: Model, batch: B) => Tensor;
  /** Figures measured on the test set after each epoch, by name. */
  readonly metrics?: Readonly<Record<string, Metric<NoInfer<B>>>>;
  /** The output that metrics see; `model.forward(batch.x)` by default. */
  readonly predict?: (model: Model, batch: B) => Tensor;
  readonly optimizer: (parameters: ReturnType<Model['parameters']>) => Optimizer;
  readonly schedule?: (optimizer: Optimizer, context: ScheduleContext) => Schedule | MetricSchedule;
  /** The figure that `schedule` is told after every epoch, if it wants one: `loss`, `testLoss`, `testAccuracy` … */
  readonly scheduleMetric?: string;
  /** Ends the run once a figure has not improved for some epochs, and keeps the checkpoint of the best. */
  readonly earlyStopping?: EarlyStoppingSettings;
  /** Scales the gradient of the whole run down to this Euclidean norm where it is larger. */
  readonly clipGradNorm?: number;
  /** Limits every element of that gradient to −clipGradValue … clipGradValue. */
  readonly clipGradValue?: number;
  /** Limits, after each step, the norm of what leads into each unit: of the rows of all weights (nn: maxNorm_). */
  readonly maxNorm?: number;
  /** Averages the weights after each step (nn: ExponentialMovingAverage); the test set is measured with the averages. */
  readonly ema?: { readonly decay: number };
  readonly epochs: number;
  /** Examples in a step of the whole run, whatever the number of workers. */
  readonly batchSize: number;
  /** Decides the initial weights, the order of the examples and all other chance; 1 by default. */
  readonly seed?: number;
}

/** A checked training, as the command runs it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the batch and the model meet only inside the file's own functions
export type TrainingDefinition = Readonly<TrainingOptions<any, any>> & { readonly seed: number };

const aFunction = (purpose: string) =>
  z.custom<never>((value) => typeof value === 'function', { error: `must be a function that ${purpose}` });

const decay = z.number({ error: A_DECAY }).min(0, { error: A_DECAY }).lt(1, { error: A_DECAY });

const aboveZero = z.number({ error: 'must be a number above 0' }).positive({ error: 'must be a number above 0' });

const metricSchema = z.custom<never>((value) => typeof value === 'function' || isSummable(value), {
  error: 'must be a function that takes output and target and returns a number, or an object { size, sums, value }',
});

function isSummable(value: unknown): boolean {
  const { size, sums, value: finish } = (value ?? {}) as Partial<Record<keyof SummableMetric, unknown>>;
  return Number.isInteger(size) && Number(size) > 0 && typeof sums === 'function' && typeof finish === 'function';
}

const patience = 'must be a whole number from 1';
const minDelta = 'must be a number from 0';

const earlyStoppingSchema = z.strictObject(
  {
    metric: z.string({ error: 'must be the name of a figure, such as "testLoss"' }),
    patience: z.int({ error: patience }).min(1, { error: patience }).optional(),
    mode: z.enum(['min', 'max'], { error: 'must be "min" or "max"' }).optional(),
    minDelta: z.number({ error: minDelta }).min(0, { error: minDelta }).optional(),
  },
  { error: 'must be an object { metric, patience, mode, minDelta }' },
);

const optionsSchema = z.strictObject(
  {
    data: aFunction('returns { train, test }'),
    augment: aFunction('takes a batch and returns a changed one').optional(),
    model: aFunction('makes the network'),
    loss: aFunction('takes the network and a batch and returns the loss'),
    metrics: z.record(z.string(), metricSchema, { error: 'must be an object of metrics by name' }).optional(),
    predict: aFunction('takes the network and a batch and returns the output that metrics see').optional(),
    optimizer: aFunction('takes the parameters and makes an optimizer'),
    schedule: aFunction('takes the optimizer and the length of the run').optional(),
    scheduleMetric: z.string({ error: 'must be the name of a figure, such as "testLoss"' }).optional(),
    earlyStopping: earlyStoppingSchema.optional(),
    clipGradNorm: aboveZero.optional(),
    clipGradValue: aboveZero.optional(),
    maxNorm: aboveZero.optional(),
    ema: z.strictObject({ decay }, { error: 'must be an object { decay }' }).optional(),
    epochs: limited('epochs'),
    batchSize: limited('batchSize'),
    seed: limited('seed').default(DEFAULT_SEED),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object of options' : undefined) },
);

const defined = new WeakSet<object>();

/**
 * Describes a training for `gradwire train`; the default export of a training file.
 * The type of a batch follows from `data`, that of the network from `model`.
 * Throws UsageError (ERR_TRAINING_FILE) that names the option, its value and what is expected.
 */
export function defineTraining<B extends Batch, Model extends Module>(
  options: TrainingOptions<B, Model>,
): TrainingDefinition {
  const fail = (sentence: string) => new UsageError(`defineTraining: ${sentence}`, 'ERR_TRAINING_FILE');
  const { seed, scheduleMetric, earlyStopping } = checked(optionsSchema, options, fail);
  if (scheduleMetric !== undefined && !options.schedule) throw fail('scheduleMetric needs a schedule that is told it');
  checkFigure('scheduleMetric', scheduleMetric, options.metrics, fail);
  checkFigure('earlyStopping.metric', earlyStopping?.metric, options.metrics, fail);
  const definition = Object.freeze({ ...options, seed });
  defined.add(definition);
  return definition;
}

/** The event's name of a metric: "testAccuracy". */
export function figureName(metric: string): string {
  return `test${metric[0]!.toUpperCase()}${metric.slice(1)}`;
}

function checkFigure(option: string, name: string | undefined, metrics = {}, fail: (sentence: string) => Error): void {
  const known = ['loss', 'testLoss', ...Object.keys(metrics).map(figureName)];
  if (name === undefined || known.includes(name)) return;
  throw fail(`${option} must be one of ${known.join(', ')}, got "${name}"`);
}

/** Tells whether a value was made by `defineTraining`. */
export function isTrainingDefinition(value: unknown): value is TrainingDefinition {
  return typeof value === 'object' && value !== null && defined.has(value);
}
