import { logSoftmax, nll, ShapeError, softmaxNll, type Tensor } from '@gradwire/tensor';
import type { Reduction } from './reduction.ts';

export interface NllOptions {
  /** One factor for each class, [C]. */
  readonly weight?: Tensor;
  /** Targets of this class count for nothing. */
  readonly ignoreIndex?: number;
  readonly reduction?: Reduction;
}

export interface CrossEntropyOptions extends NllOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1] (Szegedy et al. 2016). */
  readonly labelSmoothing?: number;
}

/**
 * −ln softmax(logits)[target], averaged. logits: [N, C, ...]; target: classes (int32, [N, ...]) or probabilities of
 * each class (float, [N, C, ...]). The mean divides by the summed weights of the targets that count, and by the number
 * of rows for probabilities, as in PyTorch.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ShapeError(`crossEntropy: labelSmoothing must lie in [0, 1], got ${labelSmoothing}`);
  }
  if (logits.rank < 2) {
    throw new ShapeError(`crossEntropy: logits must be [N, C, ...], got [${logits.shape.join(', ')}]`);
  }
  if (target.dtype !== 'int32') {
    checkProbabilities(logits, target);
    return fromProbabilities(logSoftmax(logits, 1), target, options);
  }
  return reduced(softmaxNll(logits, target, options), options.reduction);
}

function checkProbabilities(logits: Tensor, target: Tensor): void {
  if (target.dtype !== logits.dtype || target.shape.join() !== logits.shape.join()) {
    const [scores, given] = [logits.shape, target.shape].map((shape) => `[${shape.join(', ')}]`);
    throw new ShapeError(
      `crossEntropy: target is ${target.dtype} ${given}; for logits ${scores} pass classes as int32, or probabilities as ${logits.dtype} ${scores}`,
    );
  }
}

/** −logp[target], averaged. logp: log-probabilities [N, C, ...], target: int32 [N, ...]. */
export function nllLoss(logp: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  const { weight = null, ignoreIndex = -100, reduction = 'mean' } = options;
  return reduced(nll(logp, target, weight, ignoreIndex), reduction);
}

function reduced({ losses, totalWeight }: ReturnType<typeof nll>, reduction: Reduction = 'mean'): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? losses.sum() : losses.sum().div(totalWeight);
}

function fromProbabilities(logp: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { weight = null, reduction = 'mean', labelSmoothing = 0 } = options;
  const classes = logp.shape[1];
  const mixed = labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  const losses = weighted(logp, weight).mul(mixed).neg().sum(1);
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? losses.sum() : losses.mean();
}

/** logp: [N, C, ...] with each class multiplied by its weight. */
function weighted(logp: Tensor, weight: Tensor | null): Tensor {
  return weight ? logp.mul(weight.reshape([-1, ...logp.shape.slice(2).map(() => 1)])) : logp;
}
