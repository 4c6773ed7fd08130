import { where, type Tensor } from '@gradwire/tensor';
import { checkSameShape, reduce, type Reduction } from './reduction.ts';

export interface KlDivOptions {
  /** batchmean: the sum divided by the size of dimension 0, which is the divergence; mean divides by all elements. */
  readonly reduction?: Reduction | 'batchmean';
  /** Whether target is in logarithms too. */
  readonly logTarget?: boolean;
}

/** target·(ln target − input), elementwise: the Kullback-Leibler divergence of log-probabilities input from target. */
export function klDiv(
  input: Tensor,
  target: Tensor,
  { reduction = 'mean', logTarget = false }: KlDivOptions = {},
): Tensor {
  checkSameShape('klDiv', input, target);
  const losses = logTarget ? target.exp().mul(target.sub(input)) : entropyTerm(target).sub(target.mul(input));
  return reduction === 'batchmean' ? losses.sum().div(input.shape[0] ?? 1) : reduce(losses, reduction);
}

/** t·ln t, 0 at 0. */
function entropyTerm(target: Tensor): Tensor {
  const some = target.detach().gt(0);
  return where(some, target.mul(where(some, target, 1).log()), 0);
}
