/** Activation functions, elementwise; each with its gradient as one fused kernel. */
import { record, type Node } from '../autograd.ts';
import type { Tensor } from '../tensor.ts';
import { applyBinary, applyUnary, checkFloat } from './elementwise.ts';

/** max(x, 0); slope 0 at 0. */
export function relu(x: Tensor): Tensor {
  return record(applyUnary('relu', x), reluGradient, [x]);
}
function reluGradient(grad: Tensor, { output }: Node): Tensor[] {
  return [applyBinary('reluGrad', grad, output)];
}

/** x above 0, negativeSlope·x below (Maas et al. 2013). */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return record(applyUnary('leakyRelu', x, negativeSlope), leakyReluGradient, [x], negativeSlope);
}
function leakyReluGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  return [applyBinary('leakyReluGrad', grad, x, saved as number)];
}

/** tanh x. */
export function tanh(x: Tensor): Tensor {
  checkFloat('tanh', x);
  return record(applyUnary('tanh', x), tanhGradient, [x]);
}
function tanhGradient(grad: Tensor, { output }: Node): Tensor[] {
  return [applyBinary('tanhGrad', grad, output)];
}

/** 1/(1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  checkFloat('sigmoid', x);
  return record(applyUnary('sigmoid', x), sigmoidGradient, [x]);
}
function sigmoidGradient(grad: Tensor, { output }: Node): Tensor[] {
  return [applyBinary('sigmoidGrad', grad, output)];
}

/** x·Φ(x), with Φ the normal distribution, or its tanh form (Hendrycks & Gimpel 2016). */
export function gelu(x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor {
  checkFloat('gelu', x);
  if (approximate === 'tanh') return record(applyUnary('geluTanh', x), geluTanhGradient, [x]);
  return record(applyUnary('gelu', x), geluGradient, [x]);
}
function geluGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [applyBinary('geluGrad', grad, x)];
}
function geluTanhGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [applyBinary('geluTanhGrad', grad, x)];
}

/** x·σ(x) (Elfwing et al. 2018). */
export function silu(x: Tensor): Tensor {
  checkFloat('silu', x);
  return record(applyUnary('silu', x), siluGradient, [x]);
}
function siluGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [applyBinary('siluGrad', grad, x)];
}

/** ln(1 + e^(beta·x))/beta, and x itself where beta·x is above the threshold. */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  checkFloat('softplus', x);
  return record(applyUnary('softplus', x, beta, threshold), softplusGradient, [x], [beta, threshold]);
}
function softplusGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [beta, threshold] = saved as [number, number];
  return [applyBinary('softplusGrad', grad, x, beta, threshold)];
}

/** x above 0, alpha·(eˣ − 1) below (Clevert et al. 2016). */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkFloat('elu', x);
  return record(applyUnary('elu', x, alpha), eluGradient, [x], alpha);
}
function eluGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  return [applyBinary('eluGrad', grad, x, saved as number)];
}
