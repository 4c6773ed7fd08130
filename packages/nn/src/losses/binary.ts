/** Losses of yes-or-no answers, each with a probability of its own. */
import { Tensor } from '@gradwire/tensor';
import { checkSameShape, reduce, type Reduction } from './reduction.ts';

export interface BinaryCrossEntropyOptions {
  /** Factors of the losses; broadcasts to input. */
  readonly weight?: Tensor | null;
  readonly reduction?: Reduction;
}

/** −(t ln p + (1 − t) ln(1 − p)) for probabilities p = input and targets t in [0, 1]; logarithms stop at −100. */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  { weight = null, reduction = 'mean' }: BinaryCrossEntropyOptions = {},
): Tensor {
  checkSameShape('binaryCrossEntropy', input, target);
  const yes = target.mul(input.log().clamp(-100));
  const no = target.neg().add(1).mul(input.neg().add(1).log().clamp(-100));
  return reduce(weighted(yes.add(no).neg(), weight), reduction);
}

export interface BceWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** Factor of the losses of targets 1: a number, or a tensor that broadcasts to input. */
  readonly posWeight?: Tensor | number | null;
}

/** The same for scores: probabilities are σ(input), but computed from ln σ, so it stays finite for any score. */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  { weight = null, posWeight = null, reduction = 'mean' }: BceWithLogitsOptions = {},
): Tensor {
  checkSameShape('binaryCrossEntropyWithLogits', input, target);
  const no = target.neg().add(1).mul(input);
  const logYes = input.logSigmoid();
  const factor = posWeight === null ? null : target.mul(asFactor(posWeight, -1)).add(1); // 1 + (posWeight − 1)·t
  return reduce(weighted(no.sub(factor ? factor.mul(logYes) : logYes), weight), reduction);
}

function asFactor(posWeight: Tensor | number, plus: number): Tensor | number {
  return posWeight instanceof Tensor ? posWeight.add(plus) : posWeight + plus;
}

/** Mean over classes of the binary losses of each. input, target: [N, C] → [N], or reduced; weight: [C]. */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  { weight = null, reduction = 'mean' }: BinaryCrossEntropyOptions = {},
): Tensor {
  return reduce(binaryCrossEntropyWithLogits(input, target, { weight, reduction: 'none' }).mean(-1), reduction);
}

export interface FocalOptions {
  /** Weight of targets 1; 1 − alpha is that of targets 0. Negative: no weights. */
  readonly alpha?: number;
  /** How much less sure answers count. */
  readonly gamma?: number;
  readonly reduction?: Reduction;
}

/** −αₜ(1 − pₜ)^γ ln pₜ, with pₜ the probability σ(input) of the right answer; targets 0 or 1 (Lin et al. 2017). */
export function focalLoss(
  input: Tensor,
  target: Tensor,
  { alpha = 0.25, gamma = 2, reduction = 'mean' }: FocalOptions = {},
): Tensor {
  const entropy = binaryCrossEntropyWithLogits(input, target, { reduction: 'none' });
  const p = input.sigmoid();
  const wrong = p.add(target).sub(p.mul(target).mul(2)); // 1 − pₜ
  const losses = entropy.mul(wrong.pow(gamma));
  if (alpha < 0) return reduce(losses, reduction);
  return reduce(losses.mul(target.mul(2 * alpha - 1).add(1 - alpha)), reduction);
}

function weighted(losses: Tensor, weight: Tensor | null): Tensor {
  return weight ? losses.mul(weight) : losses;
}
