// Which samples each shard of each step takes. Words: the *epoch permutation* orders all samples; the *global batch* of
// a step is the next batchSize entries of it; a *shard* takes one contiguous slice of every global batch. The union over
// the shards is the global batch however shards are laid out over workers, so nothing is used twice or skipped.
import { Generator, GradwireError, ShapeError } from '@gradwire/tensor';

/** Steps in one epoch: the last batch may be smaller, or is left out with `dropLast`. */
export function stepsPerEpoch(length: number, batchSize: number, dropLast = false): number {
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/** Where the slice of `shard` begins when `count` samples are split as evenly as can be: the first shards get the odd ones. */
export function shardStart(count: number, shardCount: number, shard: number): number {
  const each = Math.floor(count / shardCount);
  return shard * each + Math.min(shard, count % shardCount);
}

/** How many of `count` samples each shard gets; they differ by one at most and can be 0. */
export function shardCounts(count: number, shardCount: number): number[] {
  return Array.from(
    { length: shardCount },
    (_, shard) => shardStart(count, shardCount, shard + 1) - shardStart(count, shardCount, shard),
  );
}

/** Epoch permutations draw from streams of their own, apart from those of initialisers and dropout. */
const FIRST_STREAM = 2 ** 48;

/** A random order of 0 … length − 1: a pure function of its arguments, by the counter-based generator. */
export function epochPermutation(length: number, seed: number, epoch: number): Int32Array {
  return new Generator(seed, FIRST_STREAM + epoch).randperm(length);
}

export interface DistributedSamplerOptions {
  /** Number of samples. */
  readonly length: number;
  /** Samples in a global batch. */
  readonly batchSize: number;
  readonly shardCount: number;
  /** Whether every epoch has a random order of its own; otherwise samples come by index. */
  readonly shuffle?: boolean;
  readonly seed?: number;
  /** Leaves out the last batch of an epoch if it is smaller than batchSize. */
  readonly dropLast?: boolean;
  /**
   * A number for each sample: with `shuffle`, samples of near numbers come into one batch. With the lengths of sequences
   * little of a padded batch is padding. Samples are sorted within 100 batches of the random order, then the batches
   * shuffled.
   */
  readonly bucketBy?: ArrayLike<number> | undefined;
}

/** Batches of the random order that are sorted together: more give more even batches, fewer a more random order. */
const BATCHES_SORTED = 100;

/** The epoch permutation with samples of near `keys` in one batch: a pure function of its arguments, too. */
export function bucketedPermutation(
  keys: ArrayLike<number>,
  batchSize: number,
  seed: number,
  epoch: number,
): Int32Array {
  const generator = new Generator(seed, FIRST_STREAM + epoch);
  const order = generator.randperm(keys.length);
  const run = BATCHES_SORTED * batchSize;
  for (let from = 0; from < order.length; from += run) {
    order.subarray(from, from + run).sort((a, b) => keys[a]! - keys[b]! || a - b);
  }
  const whole = Math.floor(order.length / batchSize); // a smaller batch stays the last
  const shuffled = order.slice();
  generator.randperm(whole).forEach((batch, i) => {
    shuffled.set(order.subarray(batch * batchSize, (batch + 1) * batchSize), i * batchSize);
  });
  return shuffled;
}

/** Deals the samples of a dataset to shards: `indices` depends on nothing but the options and its arguments. */
export class DistributedSampler {
  readonly stepsPerEpoch: number;
  readonly #options: Required<Omit<DistributedSamplerOptions, 'bucketBy'>>;
  readonly #bucketBy: ArrayLike<number> | undefined;
  #order: Int32Array | undefined;
  #epoch = -1;

  /** Throws GradwireError ERR_SAMPLER if a number is not a whole one in its range. */
  constructor({ bucketBy, ...options }: DistributedSamplerOptions) {
    this.#bucketBy = bucketBy;
    this.#options = { shuffle: true, seed: 0, dropLast: false, ...options };
    const { length, batchSize, shardCount, dropLast } = this.#options;
    checkWhole('length', length, 0);
    checkWhole('batchSize', batchSize, 1);
    checkWhole('shardCount', shardCount, 1);
    if (bucketBy && bucketBy.length !== length) {
      throw new GradwireError(
        'ERR_SAMPLER',
        `DistributedSampler: bucketBy must have a number for each of ${length} samples, got ${bucketBy.length}`,
      );
    }
    this.stepsPerEpoch = stepsPerEpoch(length, batchSize, dropLast);
  }

  /** Samples in the global batch of `step`. */
  batchCount(step: number): number {
    const { length, batchSize } = this.#options;
    return Math.min(batchSize, length - step * batchSize);
  }

  /** Samples that `shard` takes at `step`: a view of the epoch's order, not to be written to. Throws ShapeError. */
  indices(epoch: number, step: number, shard: number): Int32Array {
    const { batchSize, shardCount } = this.#options;
    checkIndex('step', step, this.stepsPerEpoch);
    checkIndex('shard', shard, shardCount);
    const start = step * batchSize;
    const count = this.batchCount(step);
    const from = start + shardStart(count, shardCount, shard);
    const to = start + shardStart(count, shardCount, shard + 1);
    return this.#orderOf(epoch).subarray(from, to);
  }

  #orderOf(epoch: number): Int32Array {
    if (!this.#order || (this.#options.shuffle && epoch !== this.#epoch)) {
      this.#order = this.#newOrder(epoch);
      this.#epoch = epoch;
    }
    return this.#order;
  }

  #newOrder(epoch: number): Int32Array {
    const { length, batchSize, seed, shuffle } = this.#options;
    if (!shuffle) return Int32Array.from({ length }, (_, i) => i);
    if (this.#bucketBy) return bucketedPermutation(this.#bucketBy, batchSize, seed, epoch);
    return epochPermutation(length, seed, epoch);
  }
}

function checkWhole(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new GradwireError(
      'ERR_SAMPLER',
      `DistributedSampler: ${name} must be a whole number of at least ${min}, got ${value}`,
    );
  }
}

function checkIndex(name: string, value: number, count: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= count) {
    throw new ShapeError(`DistributedSampler: ${name} ${value} is not one of 0 to ${count - 1}`);
  }
}
