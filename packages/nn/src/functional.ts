/** Activation functions with their options by name. */
import {
  elu as eluOf,
  gelu as geluOf,
  glu as gluOf,
  hardtanh as hardtanhOf,
  leakyRelu as leakyReluOf,
  logSoftmax as logSoftmaxOf,
  softmax as softmaxOf,
  softplus as softplusOf,
  type Tensor,
} from '@gradwire/tensor';

export {
  hardsigmoid,
  hardswish,
  logSigmoid,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softsign,
  tanh,
} from '@gradwire/tensor';

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

/** The first half of x along dim, times σ of the second. */
export function glu(x: Tensor, { dim = -1 }: { dim?: number } = {}): Tensor {
  return gluOf(x, dim);
}

/** x limited to [minVal, maxVal]. */
export function hardtanh(x: Tensor, { minVal = -1, maxVal = 1 }: { minVal?: number; maxVal?: number } = {}): Tensor {
  return hardtanhOf(x, minVal, maxVal);
}

/** softmax of −x along dim. */
export function softmin(x: Tensor, { dim = -1 }: { dim?: number } = {}): Tensor {
  return softmaxOf(x.neg(), dim);
}
