/**
 * Activation functions, elementwise; each with its gradient as one fused kernel, or,
 * where that is recorded itself, as the gradient times a slope made of operations.
 */
import { isRecording, record, type Node } from '../autograd.ts';
import { readsInputs, readsOutput } from '../autograd/versions.ts';
import type { Tensor } from '../tensor.ts';
import { ShapeError } from '../errors.ts';
import { dimIndex, show } from '../shape.ts';
import * as slope from './activation-slopes.ts';
import { add, mul, neg } from './arithmetic.ts';
import { applyBinary, applyUnary, applyUnaryInto, checkFloat } from './elementwise.ts';
import { narrow, reshape } from './reshape.ts';
import { maskedFill } from './where.ts';

/** max(x, 0); slope 0 at 0. */
export function relu(x: Tensor): Tensor {
  return record(applyUnary('relu', x), reluGradient, [x]);
}
/** The same, written to `out`, which may be the memory of x: the gradient reads the result alone. */
export function reluInto(out: Tensor, x: Tensor): Tensor {
  return record(applyUnaryInto(out, 'relu', x), reluGradient, [x]);
}
function reluGradient(grad: Tensor, { output }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.relu(output))];
  return [applyBinary('reluGrad', grad, output)];
}

/** x above 0, negativeSlope·x below (Maas et al. 2013). */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return record(applyUnary('leakyRelu', x, negativeSlope), leakyReluGradient, [x], negativeSlope);
}
function leakyReluGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.leakyRelu(x, saved as number))];
  return [applyBinary('leakyReluGrad', grad, x, saved as number)];
}

/** tanh x. */
export function tanh(x: Tensor): Tensor {
  checkFloat('tanh', x);
  return record(applyUnary('tanh', x), tanhGradient, [x]);
}
function tanhGradient(grad: Tensor, { output }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.tanh(output))];
  return [applyBinary('tanhGrad', grad, output)];
}

/** 1/(1 + e⁻ˣ). */
export function sigmoid(x: Tensor): Tensor {
  checkFloat('sigmoid', x);
  return record(applyUnary('sigmoid', x), sigmoidGradient, [x]);
}
function sigmoidGradient(grad: Tensor, { output }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.sigmoid(output))];
  return [applyBinary('sigmoidGrad', grad, output)];
}

/** x·Φ(x), with Φ the normal distribution, or its tanh form (Hendrycks & Gimpel 2016). */
export function gelu(x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor {
  checkFloat('gelu', x);
  if (approximate === 'tanh') return record(applyUnary('geluTanh', x), geluTanhGradient, [x]);
  return record(applyUnary('gelu', x), geluGradient, [x]);
}
function geluGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.gelu(x))];
  return [applyBinary('geluGrad', grad, x)];
}
function geluTanhGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.geluTanh(x))];
  return [applyBinary('geluTanhGrad', grad, x)];
}

/** x·σ(x) (Elfwing et al. 2018). */
export function silu(x: Tensor): Tensor {
  checkFloat('silu', x);
  return record(applyUnary('silu', x), siluGradient, [x]);
}
function siluGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.silu(x))];
  return [applyBinary('siluGrad', grad, x)];
}

/** ln(1 + e^(beta·x))/beta, and x itself where beta·x is above the threshold. */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  checkFloat('softplus', x);
  return record(applyUnary('softplus', x, beta, threshold), softplusGradient, [x], [beta, threshold]);
}
function softplusGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [beta, threshold] = saved as [number, number];
  if (isRecording()) return [mul(grad, slope.softplus(x, beta, threshold))];
  return [applyBinary('softplusGrad', grad, x, beta, threshold)];
}

/** x above 0, alpha·(eˣ − 1) below (Clevert et al. 2016). */
export function elu(x: Tensor, alpha = 1): Tensor {
  checkFloat('elu', x);
  return record(applyUnary('elu', x, alpha), eluGradient, [x], alpha);
}
function eluGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.elu(x, saved as number))];
  return [applyBinary('eluGrad', grad, x, saved as number)];
}

/** x/(1 + |x|). */
export function softsign(x: Tensor): Tensor {
  checkFloat('softsign', x);
  return record(applyUnary('softsign', x), softsignGradient, [x]);
}
function softsignGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.softsign(x))];
  return [applyBinary('softsignGrad', grad, x)];
}

/** x·tanh(ln(1 + eˣ)) (Misra 2020). */
export function mish(x: Tensor): Tensor {
  checkFloat('mish', x);
  return record(applyUnary('mish', x), mishGradient, [x]);
}
function mishGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.mish(x))];
  return [applyBinary('mishGrad', grad, x)];
}

/** x limited to [min, max]; unlike `clamp` it passes no gradient at the bounds. */
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  if (!(min <= max)) throw new ShapeError(`hardtanh: min ${min} must not be above max ${max}`);
  return record(applyUnary('clamp', x, min, max), hardtanhGradient, [x], [min, max]);
}
function hardtanhGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [min, max] = saved as [number, number];
  if (isRecording()) return [mul(grad, slope.hardtanh(x, min, max))];
  return [applyBinary('hardtanhGrad', grad, x, min, max)];
}

/** x limited to [0, 6]. */
export function relu6(x: Tensor): Tensor {
  return hardtanh(x, 0, 6);
}

/** x/6 + 1/2, limited to [0, 1]. */
export function hardsigmoid(x: Tensor): Tensor {
  return mul(relu6(add(x, 3)), 1 / 6);
}

/** x·hardsigmoid(x) (Howard et al. 2019). */
export function hardswish(x: Tensor): Tensor {
  checkFloat('hardswish', x);
  return record(applyUnary('hardswish', x), hardswishGradient, [x]);
}
function hardswishGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  if (isRecording()) return [mul(grad, slope.hardswish(x))];
  return [applyBinary('hardswishGrad', grad, x)];
}

/** ln σ(x). */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x), 1, 40));
}

/** scale·elu(x, alpha) with the numbers that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export function selu(x: Tensor): Tensor {
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
}

/** x above 0, weight·x below. weight: [1], or one number for each channel, dimension 1 of x (He et al. 2015). */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.rank > 1 ? x.shape[1] : 1;
  if (weight.size !== 1 && (weight.rank !== 1 || weight.size !== channels)) {
    throw new ShapeError(
      `prelu: weight ${show(weight.shape)} must be [1] or [${channels}], the channels of x ${show(x.shape)}`,
    );
  }
  const slopes = reshape(weight, weight.size === 1 ? [] : [-1, ...x.shape.slice(2).map(() => 1)]);
  return add(relu(x), mul(slopes, maskedFill(x, x.gt(0), 0)));
}

/** The first half of x along dim, times σ of the second (Dauphin et al. 2017). */
export function glu(x: Tensor, dim = -1): Tensor {
  const size = x.shape[dimIndex('glu', dim, x.rank)];
  if (size % 2 !== 0) throw new ShapeError(`glu: dimension ${dim} of ${show(x.shape)} must be even, to be halved`);
  return mul(narrow(x, dim, 0, size / 2), sigmoid(narrow(x, dim, size / 2, size / 2)));
}

readsInputs(softsignGradient, mishGradient, hardtanhGradient, hardswishGradient);
readsInputs(leakyReluGradient, geluGradient, geluTanhGradient, siluGradient, softplusGradient, eluGradient);
readsOutput(reluGradient, tanhGradient, sigmoidGradient);
