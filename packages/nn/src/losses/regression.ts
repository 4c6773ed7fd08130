/** Losses of numbers that are to be near other numbers. */
import { where, type Tensor } from '@gradwire/tensor';
import { checkSameShape, reduce, type Reduction } from './reduction.ts';

export interface ReductionOption {
  readonly reduction?: Reduction;
}

/** d²/2β where |d| = |input − target| is below beta, |d| − β/2 elsewhere; beta 0 is l1Loss (Girshick 2015). */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  { reduction = 'mean', beta = 1 }: ReductionOption & { beta?: number } = {},
): Tensor {
  checkSameShape('smoothL1Loss', input, target);
  const distance = input.sub(target).abs();
  if (beta === 0) return reduce(distance, reduction);
  const square = distance.mul(distance).mul(0.5 / beta);
  return reduce(where(distance.detach().lt(beta), square, distance.sub(0.5 * beta)), reduction);
}

/** d²/2 where |d| = |input − target| is up to delta, δ(|d| − δ/2) elsewhere (Huber 1964). */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  { reduction = 'mean', delta = 1 }: ReductionOption & { delta?: number } = {},
): Tensor {
  checkSameShape('huberLoss', input, target);
  const distance = input.sub(target).abs();
  const square = distance.mul(distance).mul(0.5);
  return reduce(where(distance.detach().le(delta), square, distance.sub(0.5 * delta).mul(delta)), reduction);
}

export interface PoissonNllOptions extends ReductionOption {
  /** Whether input is the logarithm of the rate. */
  readonly logInput?: boolean;
  /** Adds Stirling's approximation of ln target! for targets above 1. */
  readonly full?: boolean;
  readonly eps?: number;
}

/** Negative log-likelihood of counts under a Poisson rate: eˣ − target·x, or x − target·ln(x + eps). */
export function poissonNllLoss(
  input: Tensor,
  target: Tensor,
  { logInput = true, full = false, eps = 1e-8, reduction = 'mean' }: PoissonNllOptions = {},
): Tensor {
  checkSameShape('poissonNllLoss', input, target);
  const losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
  return reduce(full ? losses.add(logFactorial(target)) : losses, reduction);
}

/** t ln t − t + ½ ln 2πt for t above 1, else 0. */
function logFactorial(target: Tensor): Tensor {
  const t = target.maximum(1);
  const stirling = t
    .mul(t.log())
    .sub(t)
    .add(
      t
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return where(target.gt(1), stirling, 0);
}

export interface GaussianNllOptions extends ReductionOption {
  /** Adds ½ ln 2π. */
  readonly full?: boolean;
  /** Least variance. */
  readonly eps?: number;
}

/**
 * Negative log-likelihood of target under a normal distribution: ½(ln v + (input − target)²/v), with v = variance but at
 * least eps. variance: input's shape, or one that broadcasts to it (Nix & Weigend 1994).
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  { full = false, eps = 1e-6, reduction = 'mean' }: GaussianNllOptions = {},
): Tensor {
  checkSameShape('gaussianNllLoss', input, target);
  const rows = variance.rank === input.rank - 1 ? variance.unsqueeze(-1) : variance;
  // PyTorch's rule: the bound changes the value, not the slope.
  const bounded = rows.add(rows.detach().maximum(eps).sub(rows.detach()));
  const difference = input.sub(target);
  const losses = bounded.log().add(difference.mul(difference).div(bounded)).mul(0.5);
  return reduce(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
}
