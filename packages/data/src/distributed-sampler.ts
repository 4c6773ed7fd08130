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
}

/** Deals the samples of a dataset to shards: `indices` depends on nothing but the options and its arguments. */
export class DistributedSampler {
  readonly stepsPerEpoch: number;
  readonly #options: Required<DistributedSamplerOptions>;
  #order: Int32Array | undefined;
  #epoch = -1;

  /** Throws GradwireError ERR_SAMPLER if a number is not a whole one in its range. */
  constructor(options: DistributedSamplerOptions) {
    this.#options = { shuffle: true, seed: 0, dropLast: false, ...options };
    const { length, batchSize, shardCount, dropLast } = this.#options;
    checkWhole('length', length, 0);
    checkWhole('batchSize', batchSize, 1);
    checkWhole('shardCount', shardCount, 1);
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
    const { length, seed, shuffle } = this.#options;
    if (!this.#order || (shuffle && epoch !== this.#epoch)) {
      this.#order = shuffle ? epochPermutation(length, seed, epoch) : Int32Array.from({ length }, (_, i) => i);
      this.#epoch = epoch;
    }
    return this.#order;
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
