/** Terms to add to a loss that keep weights small, each times a factor of the caller's. */
import { tensor, type Tensor } from '@gradwire/tensor';

/** Σ|w| over all elements of the parameters; it drives weights to 0 (Tibshirani 1996). Its gradient at 0 is 0. */
export function l1Penalty(parameters: Iterable<Tensor>): Tensor {
  return total(parameters, (parameter) => parameter.abs());
}

/**
 * Σw² over all elements of the parameters. Half of it times λ adds λ·w to the gradient, as weightDecay of SGD does; for
 * Adam and its kin that is not AdamW's decay (Loshchilov & Hutter 2019).
 */
export function l2Penalty(parameters: Iterable<Tensor>): Tensor {
  return total(parameters, (parameter) => parameter.mul(parameter));
}

function total(parameters: Iterable<Tensor>, sizeOf: (parameter: Tensor) => Tensor): Tensor {
  const sums = [...parameters].map((parameter) => sizeOf(parameter).sum());
  return sums.length === 0 ? tensor(0) : sums.reduce((sum, next) => sum.add(next));
}
