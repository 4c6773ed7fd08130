import { batchNorm, instanceNorm, ShapeError, type Tensor } from '@gradwire/tensor';
import { BatchNorm, type BatchNormLayerOptions } from './batch-norm.ts';

/**
 * Instance normalisation (Ulyanov, Vedaldi & Lempitsky 2016): each channel of each sample by its own mean and biased
 * variance over its positions. As in PyTorch, weights and running moments are off unless asked for; running moments are
 * the mean over the samples, and are used in evaluation.
 */
abstract class InstanceNorm extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormLayerOptions = {}) {
    super(numFeatures, {
      ...options,
      affine: options.affine ?? false,
      trackRunningStats: options.trackRunningStats ?? false,
    });
  }

  override forward(x: Tensor): Tensor {
    const [batched, isAlone] = x.rank === this.ranks[0] ? [x.unsqueeze(0), true] : [x, false];
    if (!this.ranks.includes(x.rank) || batched.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        `${this.constructor.name}: x [${x.shape.join(', ')}] must have ${this.ranks.join(' or ')} dimensions and ${this.numFeatures} channels`,
      );
    }
    const y = this.#normalise(batched);
    return isAlone ? y.squeeze(0) : y;
  }

  #normalise(x: Tensor): Tensor {
    const { weight, bias, runningMean, runningVar, eps, training } = this;
    if (!training && runningMean) return batchNorm(x, { weight, bias, eps, runningMean, runningVar });
    if (runningMean) this.#track(x, runningMean, runningVar!);
    return instanceNorm(x, { weight, bias, eps });
  }

  #track(x: Tensor, runningMean: Tensor, runningVar: Tensor): void {
    const flat = x.detach().flatten(2);
    const momentum = this.momentum ?? 0; // as PyTorch, which does not count the batches here
    const move = (running: Tensor, batch: Tensor): void => {
      const [view, values] = [running.view(), batch.data()];
      values.forEach((value, c) => (view[c] = (1 - momentum) * view[c]! + momentum * value));
    };
    move(runningMean, flat.mean([0, 2]));
    move(runningVar, flat.var(2).mean(0));
  }
}

/** Instance normalisation of x: [N, C, L], or [C, L] of one sample. */
export class InstanceNorm1d extends InstanceNorm {
  protected readonly ranks = [2, 3];
}

/** Instance normalisation of x: [N, C, H, W], or [C, H, W] of one sample. */
export class InstanceNorm2d extends InstanceNorm {
  protected readonly ranks = [3, 4];
}

/** Instance normalisation of x: [N, C, D, H, W], or [C, D, H, W] of one sample. */
export class InstanceNorm3d extends InstanceNorm {
  protected readonly ranks = [4, 5];
}
