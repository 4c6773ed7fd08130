import { batchNorm, empty, isRecomputing, ones, ShapeError, tensor, zeros, type Tensor } from '@gradwire/tensor';
import { ones_, zeros_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

export interface BatchNormLayerOptions {
  /** Added to the variance; 1e-5. */
  readonly eps?: number;
  /** What a batch counts in the running moments; 0.1. null: all batches count the same. */
  readonly momentum?: number | null;
  /** Whether there are weight and bias; true. */
  readonly affine?: boolean;
  /** Whether running moments are kept, and used in evaluation; true. Without them the batch's own are used there too. */
  readonly trackRunningStats?: boolean;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015): each channel by its mean and biased variance over the batch and all
 * positions; in evaluation by the running mean and the running unbiased variance. weight [C] starts at 1, bias [C] at 0.
 */
export abstract class BatchNorm extends Module {
  static {
    keepsNothing(this);
  }

  readonly numFeatures: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  /** The running moments [C] and the number of batches in them; null without trackRunningStats. */
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  readonly numBatchesTracked: Tensor | null;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;

  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super();
    const { eps, momentum, affine, trackRunningStats } = this.withDefaults(options, {
      eps: 1e-5,
      momentum: 0.1,
      affine: true,
      trackRunningStats: true,
    });
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.weight = affine ? new Parameter(ones_(empty([numFeatures]))) : null;
    this.bias = affine ? new Parameter(zeros_(empty([numFeatures]))) : null;
    this.runningMean = trackRunningStats ? this.registerBuffer('running_mean', zeros([numFeatures])) : null;
    this.runningVar = trackRunningStats ? this.registerBuffer('running_var', ones([numFeatures])) : null;
    const none = tensor(0, { dtype: 'int32' });
    this.numBatchesTracked = trackRunningStats ? this.registerBuffer('num_batches_tracked', none) : null;
  }

  /** Ranks of x that the layer takes. */
  protected abstract readonly ranks: readonly number[];

  forward(x: Tensor): Tensor {
    if (!this.ranks.includes(x.rank)) {
      const expected = this.ranks.map((rank) => `${rank}`).join(' or ');
      throw new ShapeError(
        `${this.constructor.name}: x has ${x.rank} dimensions, [${x.shape.join(', ')}]; it must have ${expected}`,
      );
    }
    const { weight, bias, runningMean, runningVar, eps, training } = this;
    const batches = training ? this.numBatchesTracked?.view() : undefined;
    const momentum = this.momentum ?? 1 / (1 + (batches?.[0] ?? 0));
    const y = batchNorm(x, { weight, bias, runningMean, runningVar, training, momentum, eps, ...this.together() });
    if (batches && !isRecomputing()) batches[0]!++;
    return y;
  }

  /** Scale and shift; two more passes for the moments where they are x's own. */
  override flops(y: Tensor): number {
    return (this.runningMean ? 2 : 6) * y.size;
  }

  /** How the workers' batches become one, in SyncBatchNorm. */
  protected together(): { sumOverWorkers?: (numbers: Float64Array) => void } {
    return {};
  }
}

/** Batch normalisation of x: [N, C] or [N, C, L]. */
export class BatchNorm1d extends BatchNorm {
  protected readonly ranks = [2, 3];
}

/** Batch normalisation of x: [N, C, H, W]. */
export class BatchNorm2d extends BatchNorm {
  protected readonly ranks = [4];
}

/** Batch normalisation of x: [N, C, D, H, W]. */
export class BatchNorm3d extends BatchNorm {
  protected readonly ranks = [5];
}
