import { GradwireError } from '@gradwire/tensor';
import type { Batch, Dataset } from './dataset.ts';
import { DistributedSampler } from './distributed-sampler.ts';

export interface DataLoaderOptions {
  /** Samples in a batch; with `shard`, in the batch of all ranks together. */
  readonly batchSize?: number;
  readonly shuffle?: boolean;
  readonly seed?: number;
  /** Leaves out the last batch of an epoch if it is smaller than batchSize. */
  readonly dropLast?: boolean;
}

/**
 * Iterates over a dataset in batches; each full iteration is one epoch, with an order of its own if shuffled.
 *
 * A batch is filled when it is asked for. Asked for inside a `step`, it lives as long as that step. Otherwise it is
 * long-lived and belongs to the loader, which gives its memory back when the next one is asked for or the loop ends:
 * clone what is to be kept.
 */
export class DataLoader<B extends Batch = Batch> implements Iterable<B> {
  readonly dataset: Dataset<B>;
  readonly #options: DataLoaderOptions;
  readonly #sampler: DistributedSampler;
  readonly #rank: number;
  #epoch = 0;

  /** `rank` and `size` are what `shard` sets: this loader's part of every batch. */
  constructor(dataset: Dataset<B>, options: DataLoaderOptions = {}, rank = 0, size = 1) {
    if (!Number.isInteger(rank) || rank < 0 || rank >= size) {
      throw new GradwireError(
        'ERR_SAMPLER',
        `DataLoader: rank must be one of 0 to size - 1 = ${size - 1}, got ${rank}`,
      );
    }
    const { batchSize = 1, shuffle = false, seed = 0, dropLast = false } = options;
    this.dataset = dataset;
    this.#options = options;
    this.#sampler = new DistributedSampler({
      length: dataset.length,
      shardCount: size,
      batchSize,
      shuffle,
      seed,
      dropLast,
      bucketBy: dataset.bucketBy,
    });
    this.#rank = rank;
  }

  /** Batches in an epoch. */
  get length(): number {
    return this.#sampler.stepsPerEpoch;
  }

  /** Sets the epoch that the next iteration is (0 at first, one more after each), as when a run is resumed. */
  setEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /**
   * A loader of every batch's slice for `rank` of `size`; all ranks' slices together are this loader's batches. Without
   * `dropLast`, a rank's slice of the last batch can be smaller than that of others, or empty.
   */
  shard(rank: number, size: number): DataLoader<B> {
    const loader = new DataLoader(this.dataset, this.#options, rank, size);
    loader.setEpoch(this.#epoch);
    return loader;
  }

  *[Symbol.iterator](): Generator<B, void, undefined> {
    const epoch = this.#epoch++;
    for (let step = 0; step < this.length; step++) {
      const batch = this.dataset.batch(this.#sampler.indices(epoch, step, this.#rank));
      try {
        yield batch;
      } finally {
        for (const tensor of Object.values(batch)) tensor[Symbol.dispose]();
      }
    }
  }
}
