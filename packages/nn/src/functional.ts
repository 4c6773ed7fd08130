/** Activation functions with their options by name. */
import {
  elu as eluOf,
  gelu as geluOf,
  leakyRelu as leakyReluOf,
  logSoftmax as logSoftmaxOf,
  softmax as softmaxOf,
  softplus as softplusOf,
  type Tensor,
} from '@gradwire/tensor';

export { relu, sigmoid, silu, tanh } from '@gradwire/tensor';

/** x above 0, negativeSlope·x below. */
export function leakyRelu(x: Tensor, { negativeSlope = 0.01 }: { negativeSlope?: number } = {}): Tensor {
  return leakyReluOf(x, negativeSlope);
}

/** x·Φ(x), or its tanh form. */
export function gelu(x: Tensor, { approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  return geluOf(x, approximate);
}

/** ln(1 + e^(beta·x))/beta; x itself above the threshold. */
export function softplus(x: Tensor, { beta = 1, threshold = 20 }: { beta?: number; threshold?: number } = {}): Tensor {
  return softplusOf(x, beta, threshold);
}

/** x above 0, alpha·(eˣ − 1) below. */
export function elu(x: Tensor, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  return eluOf(x, alpha);
}

/** eˣ/Σeˣ along dim. */
export function softmax(x: Tensor, { dim = -1 }: { dim?: number } = {}): Tensor {
  return softmaxOf(x, dim);
}

/** x − ln Σeˣ along dim. */
export function logSoftmax(x: Tensor, { dim = -1 }: { dim?: number } = {}): Tensor {
  return logSoftmaxOf(x, dim);
}
