/** The derivatives of the activation functions, made of operations, so that they have derivatives themselves. */
import type { Tensor } from '../tensor.ts';
import { add, mul, neg, pow } from './arithmetic.ts';
import { to } from './cast.ts';
import { ge, gt, lt } from './compare.ts';
import { abs, erf, exp } from './math.ts';
import { sigmoid as logistic, softplus as softplusOf, tanh as hyperbolic } from './activation.ts';
import { where } from './where.ts';

const square = (x: Tensor): Tensor => mul(x, x);

/** Of y = max(x, 0). */
export function relu(y: Tensor): Tensor {
  return to(gt(y, 0), y.dtype);
}

export function leakyRelu(x: Tensor, negativeSlope: number): Tensor {
  return add(mul(relu(x), 1 - negativeSlope), negativeSlope);
}

/** Of y = tanh x: 1 − y². */
export function tanh(y: Tensor): Tensor {
  return add(neg(square(y)), 1);
}

/** Of y = σ(x): y·(1 − y). */
export function sigmoid(y: Tensor): Tensor {
  return mul(y, add(neg(y), 1));
}

/** Φ(x) + x·φ(x). */
export function gelu(x: Tensor): Tensor {
  const distribution = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(distribution, mul(x, density));
}

/** Of x·(1 + tanh u)/2 with u = √(2/π)·(x + 0.044715·x³). */
export function geluTanh(x: Tensor): Tensor {
  const c = Math.sqrt(2 / Math.PI);
  const t = hyperbolic(mul(add(x, mul(mul(square(x), x), 0.044715)), c));
  const du = mul(add(mul(square(x), 3 * 0.044715), 1), c);
  return mul(add(add(t, 1), mul(mul(x, tanh(t)), du)), 0.5);
}

/** σ(x)·(1 + x·(1 − σ(x))). */
export function silu(x: Tensor): Tensor {
  const s = logistic(x);
  return mul(s, add(mul(x, add(neg(s), 1)), 1));
}

/** σ(beta·x), 1 above the threshold. */
export function softplus(x: Tensor, beta: number, threshold: number): Tensor {
  const scaled = mul(x, beta);
  return where(gt(scaled, threshold), 1, logistic(scaled));
}

/** 1 above 0, alpha·eˣ below. */
export function elu(x: Tensor, alpha: number): Tensor {
  const above = gt(x, 0);
  return where(above, 1, mul(exp(where(above, 0, x)), alpha));
}

/** 1/(1 + |x|)². */
export function softsign(x: Tensor): Tensor {
  return pow(add(abs(x), 1), -2);
}

/** tanh s + x·σ(x)·(1 − tanh² s) with s = ln(1 + eˣ). */
export function mish(x: Tensor): Tensor {
  const t = hyperbolic(softplusOf(x));
  return add(t, mul(mul(x, logistic(x)), tanh(t)));
}

/** 1 strictly between min and max. */
export function hardtanh(x: Tensor, min: number, max: number): Tensor {
  return mul(to(gt(x, min), x.dtype), to(lt(x, max), x.dtype));
}

/** x/3 + 1/2 strictly between −3 and 3, then 1. */
export function hardswish(x: Tensor): Tensor {
  return add(mul(hardtanh(x, -3, 3), add(mul(x, 1 / 3), 0.5)), to(ge(x, 3), x.dtype));
}
