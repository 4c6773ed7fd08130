/** Functions of one tensor, elementwise; each with its derivative. */
import { isRecording, record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsInputs, readsOutput } from '../autograd/versions.ts';
import type { Tensor } from '../tensor.ts';
import { div, mul, neg } from './arithmetic.ts';
import { applyBinary, applyUnary, checkFloat } from './elementwise.ts';
import { ShapeError } from '../errors.ts';
import { eq } from './compare.ts';
import { maskedBy } from './where.ts';

/** |x|; slope 0 at 0. */
export function abs(x: Tensor): Tensor {
  return record(applyUnary('abs', x), absGradient, [x]);
}
function absGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [mul(grad, sign(x))];
}

/** −1, 0 or 1; its gradient is 0 everywhere, so none is recorded. */
export function sign(x: Tensor): Tensor {
  return noted(applyUnary('sign', x.detach()), 'sign', [x]);
}

/** eˣ. */
export function exp(x: Tensor): Tensor {
  checkFloat('exp', x);
  return record(applyUnary('exp', x), expGradient, [x]);
}
function expGradient(grad: Tensor, { output }: Node): Tensor[] {
  return [mul(grad, output)];
}

/** ln x. */
export function log(x: Tensor): Tensor {
  checkFloat('log', x);
  return record(applyUnary('log', x), logGradient, [x]);
}
function logGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [div(grad, x)];
}

/** ln(1 + x), accurate near 0. */
export function log1p(x: Tensor): Tensor {
  checkFloat('log1p', x);
  return record(applyUnary('log1p', x), log1pGradient, [x]);
}
function log1pGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [div(grad, x.add(1))];
}

/** √x. */
export function sqrt(x: Tensor): Tensor {
  checkFloat('sqrt', x);
  return record(applyUnary('sqrt', x), sqrtGradient, [x]);
}
function sqrtGradient(grad: Tensor, { output }: Node): Tensor[] {
  return [div(mul(grad, 0.5), output)];
}

/** 1/√x. */
export function rsqrt(x: Tensor): Tensor {
  checkFloat('rsqrt', x);
  return record(applyUnary('rsqrt', x), rsqrtGradient, [x]);
}
function rsqrtGradient(grad: Tensor, { output }: Node): Tensor[] {
  return [mul(mul(grad, mul(output, mul(output, output))), -0.5)];
}

/** sin x. */
export function sin(x: Tensor): Tensor {
  checkFloat('sin', x);
  return record(applyUnary('sin', x), sinGradient, [x]);
}
function sinGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [mul(grad, cos(x))];
}

/** cos x. */
export function cos(x: Tensor): Tensor {
  checkFloat('cos', x);
  return record(applyUnary('cos', x), cosGradient, [x]);
}
function cosGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [neg(mul(grad, sin(x)))];
}

/** The error function, 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: Tensor): Tensor {
  checkFloat('erf', x);
  return record(applyUnary('erf', x), erfGradient, [x]);
}
function erfGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [mul(mul(grad, exp(neg(mul(x, x)))), 2 / Math.sqrt(Math.PI))];
}

/** x limited to [min, max]; the gradient passes inside and at the bounds. */
export function clamp(x: Tensor, min = -Infinity, max = Infinity): Tensor {
  if (!(min <= max)) throw new ShapeError(`clamp: min ${min} must not be above max ${max}`);
  return record(applyUnary('clamp', x, min, max), clampGradient, [x], [min, max]);
}
function clampGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [min, max] = saved as [number, number];
  if (isRecording()) return [maskedBy(eq(applyUnary('clamp', x.detach(), min, max), x.detach()), grad)];
  return [applyBinary('clampGrad', grad, x, min, max)];
}

/** The largest whole number up to x; flat almost everywhere, so no gradient is recorded, as for all roundings. */
export function floor(x: Tensor): Tensor {
  return noted(applyUnary('floor', x.detach()), 'floor', [x]);
}

/** The smallest whole number from x on. */
export function ceil(x: Tensor): Tensor {
  return noted(applyUnary('ceil', x.detach()), 'ceil', [x]);
}

/** The nearest whole number, the even one of two. */
export function round(x: Tensor): Tensor {
  return noted(applyUnary('round', x.detach()), 'round', [x]);
}

/** x without its fraction. */
export function trunc(x: Tensor): Tensor {
  return noted(applyUnary('trunc', x.detach()), 'trunc', [x]);
}

readsInputs(absGradient, logGradient, log1pGradient, sinGradient, cosGradient, erfGradient, clampGradient);
readsOutput(expGradient, sqrtGradient, rsqrtGradient);
