import type { Module } from '../module.ts';
import { BatchNorm, BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormLayerOptions } from './batch-norm.ts';

/**
 * Adds numbers up over all workers, in place, and returns when the sums are there. Every worker makes the same calls, with
 * as many numbers each.
 */
export type SumOverWorkers = (numbers: Float64Array) => void;

export interface SyncBatchNormOptions extends BatchNormLayerOptions {
  /** How the workers' numbers meet; null: this worker's batch alone, as BatchNorm. */
  readonly sumOverWorkers?: SumOverWorkers | null;
}

/**
 * Batch normalisation of x: [N, C] or [N, C, ...] by the moments of all workers' batches together: outputs, gradients and
 * running moments are those of one worker with the whole batch. `gradwire train` connects the workers by itself; in a loop
 * of your own set `sumOverWorkers`, for instance to `sum` of dist's BlockingSum. In training each worker calls it once in forward (1 + 2·C numbers) and once in
 * backward (2·C), one with an empty x too; in evaluation nobody does.
 */
export class SyncBatchNorm extends BatchNorm {
  protected readonly ranks = [2, 3, 4, 5];
  /** May be set at any time between a backward and the next forward. */
  sumOverWorkers: SumOverWorkers | null;

  constructor(numFeatures: number, options: SyncBatchNormOptions = {}) {
    const { sumOverWorkers = null, ...others } = options;
    super(numFeatures, others);
    this.sumOverWorkers = sumOverWorkers;
  }

  /** A layer with the parameters and running moments of another, the same tensors. */
  static of(layer: BatchNorm, sumOverWorkers: SumOverWorkers | null = null): SyncBatchNorm {
    const { numFeatures, eps, momentum, affine, trackRunningStats, training, weight, bias } = layer;
    const { runningMean, runningVar, numBatchesTracked } = layer;
    const options = { eps, momentum, affine: false, trackRunningStats: false, sumOverWorkers };
    const sync = new SyncBatchNorm(numFeatures, options);
    const taken = { affine, trackRunningStats, training, weight, bias, runningMean, runningVar, numBatchesTracked };
    Object.assign(sync, taken);
    if (runningMean) sync.registerBuffer('running_mean', runningMean);
    if (runningVar) sync.registerBuffer('running_var', runningVar);
    if (numBatchesTracked) sync.registerBuffer('num_batches_tracked', numBatchesTracked);
    return sync;
  }

  protected override together(): { sumOverWorkers?: SumOverWorkers } {
    return this.training && this.sumOverWorkers ? { sumOverWorkers: this.sumOverWorkers } : {};
  }
}

/**
 * Puts a SyncBatchNorm in the place of every BatchNorm1d, 2d and 3d of a model, with the same parameters, running moments
 * and keys; those that are there already take `sumOverWorkers`. Returns the model, or the new layer if it was one itself.
 */
export function convertSyncBatchNorm(
  model: BatchNorm1d | BatchNorm2d | BatchNorm3d | SyncBatchNorm,
  sumOverWorkers?: SumOverWorkers,
): SyncBatchNorm;
export function convertSyncBatchNorm<M extends Module>(model: M, sumOverWorkers?: SumOverWorkers): M;
export function convertSyncBatchNorm(model: Module, sumOverWorkers: SumOverWorkers | null = null): Module {
  const made = new Map<Module, SyncBatchNorm>(); // a layer in several places stays one
  const convert = (module: Module): Module => {
    if (module instanceof SyncBatchNorm && sumOverWorkers) module.sumOverWorkers = sumOverWorkers;
    if (isBatchNorm(module)) {
      if (!made.has(module)) made.set(module, SyncBatchNorm.of(module, sumOverWorkers));
      return made.get(module)!;
    }
    for (const [name, child] of module.namedChildren()) {
      const converted = convert(child);
      if (converted !== child) module.replaceChild(name, converted);
    }
    return module;
  };
  return convert(model);
}

function isBatchNorm(module: Module): module is BatchNorm {
  return module instanceof BatchNorm1d || module instanceof BatchNorm2d || module instanceof BatchNorm3d;
}
