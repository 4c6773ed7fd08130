import type { Tensor } from '@gradwire/tensor';
import { DrawnDigits, type DrawnDigitsHandle } from './drawn-digits.ts';
import { TensorDataset, type TensorDatasetHandle } from './tensor-dataset.ts';
import { TokenWindows, type TokenWindowsHandle } from './token-windows.ts';

/** Named tensors, the first dimension of each being the sample. */
export interface Batch {
  readonly [name: string]: Tensor;
}

/** Images (or other inputs) with their labels. */
export interface LabeledBatch extends Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Describes a dataset to another thread of the same process; can be posted as a message. */
export type DatasetHandle = TensorDatasetHandle | TokenWindowsHandle | DrawnDigitsHandle;

/** Samples that can be reached by index, and put together into batches. */
export interface Dataset<B extends Batch = Batch> {
  /** Number of samples. */
  readonly length: number;
  /** A number for each sample: a shuffled order puts samples of near numbers into one batch (`DistributedSampler`). */
  readonly bucketBy?: ArrayLike<number> | undefined;
  /** The samples at `indices`, in that order: in the memory of the current step, or long-lived outside of steps. */
  batch(indices: Int32Array | readonly number[]): B;
  /** What `datasetFromHandle` needs in another thread on the same heap; nothing is copied. */
  handle(): DatasetHandle;
}

/** Training and test set of one task. */
export interface DataSplits<B extends Batch = Batch> {
  readonly train: Dataset<B>;
  readonly test: Dataset<B>;
}

/** The dataset that another thread of this process described: the same memory, which that thread must keep. */
export function datasetFromHandle(handle: DatasetHandle): Dataset {
  if ('drawn' in handle) return DrawnDigits.fromHandle(handle);
  return 'tokens' in handle ? TokenWindows.fromHandle(handle) : TensorDataset.fromHandle(handle);
}
