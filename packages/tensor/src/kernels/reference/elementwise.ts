import { erf } from './erf.ts';
import type { ReferenceKernel } from './heap-view.ts';
import { binary, comparison, forEachElement, unary } from './strided.ts';

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
const normalCdf = (x: number): number => 0.5 * (1 + erf(x * Math.SQRT1_2));
const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
/** √(2/π)·(x + 0.044715x³), the argument of GELU's tanh form. */
const geluInner = (x: number): number => ROOT_2_OVER_PI * (x + 0.044715 * x ** 3);

/** tanh(ln(1 + eˣ)), by n = eˣ. */
const tanhSoftplus = (x: number): number => {
  const n = Math.exp(Math.min(x, 40));
  return (n * (n + 2)) / (n * (n + 2) + 2);
};

export const neg = unary((a) => -a);
export const abs = unary(Math.abs);
export const exp = unary(Math.exp);
export const log = unary(Math.log);
export const log1p = unary(Math.log1p);
export const sqrt = unary(Math.sqrt);
export const rsqrt = unary((a) => 1 / Math.sqrt(a));
export const sin = unary(Math.sin);
export const cos = unary(Math.cos);
export const tanh = unary(Math.tanh);
export const sigmoid = unary(sigma);
export { erfKernel as erf };
const erfKernel = unary(erf);
export const relu = unary((a) => (a < 0 ? 0 : a));
export const sign = unary((a) => (a > 0 ? 1 : a < 0 ? -1 : 0));
export const leakyRelu = unary((a, slope) => (a > 0 ? a : slope * a));
export const gelu = unary((a) => a * normalCdf(a));
export const geluTanh = unary((a) => 0.5 * a * (1 + Math.tanh(geluInner(a))));
export const silu = unary((a) => a * sigma(a));
export const softplus = unary((a, beta, threshold) =>
  beta * a > threshold ? a : Math.log1p(Math.exp(beta * a)) / beta,
);
export const elu = unary((a, alpha) => (a > 0 ? a : alpha * Math.expm1(a)));
export const clamp = unary((a, low, high) => (Number.isNaN(a) ? a : Math.min(Math.max(a, low), high)));
export const addScalar = unary((a, s) => a + s);
export const mulScalar = unary((a, s) => a * s);
export const powScalar = unary((a, s) => a ** s);

export const softsign = unary((a) => a / (1 + Math.abs(a)));
export const mish = unary((a) => a * tanhSoftplus(a));
export const hardswish = unary((a) => (a * Math.min(Math.max(a + 3, 0), 6)) / 6);
export const floor = unary(Math.floor);
export const ceil = unary(Math.ceil);
export const trunc = unary(Math.trunc);
/** Halves go to the even neighbour. */
export const round = unary((a) => (a - Math.floor(a) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a)));

export const add = binary((a, b) => a + b);
export const sub = binary((a, b) => a - b);
export const mul = binary((a, b) => a * b);
export const div = binary((a, b) => a / b);
export const pow = binary((a, b) => a ** b);
export const maximum = binary((a, b) => Math.max(a, b));
export const minimum = binary((a, b) => Math.min(a, b));

export const remainder = binary((a, b) => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
});

// Gradients: a is dL/dy; b is y for relu, tanh and sigmoid, x for the others.
export const reluGrad = binary((a, y) => (y > 0 ? a : 0));
export const tanhGrad = binary((a, y) => a * (1 - y * y));
export const sigmoidGrad = binary((a, y) => a * y * (1 - y));
export const leakyReluGrad = binary((a, x, slope) => (x > 0 ? a : slope * a));
export const geluGrad = binary((a, x) => a * (normalCdf(x) + x * normalDensity(x)));
export const geluTanhGrad = binary((a, x) => {
  const th = Math.tanh(geluInner(x));
  const slope = ROOT_2_OVER_PI * (1 + 3 * 0.044715 * x * x);
  return a * (0.5 * (1 + th) + 0.5 * x * (1 - th * th) * slope);
});
export const siluGrad = binary((a, x) => a * sigma(x) * (1 + x * (1 - sigma(x))));
export const softplusGrad = binary((a, x, beta, threshold) => (beta * x > threshold ? a : a * sigma(beta * x)));
export const eluGrad = binary((a, x, alpha) => (x > 0 ? a : a * alpha * Math.exp(x)));
export const clampGrad = binary((a, x, low, high) => (x >= low && x <= high ? a : 0));

export const softsignGrad = binary((a, x) => a / (1 + Math.abs(x)) ** 2);
export const mishGrad = binary((a, x) => a * (tanhSoftplus(x) + x * (1 - tanhSoftplus(x) ** 2) * sigma(x)));
export const hardtanhGrad = binary((a, x, low, high) => (x > low && x < high ? a : 0));
export const hardswishGrad = binary((a, x) => (x > 3 ? a : x >= -3 ? a * (x / 3 + 0.5) : 0));

export const eq = comparison((a, b) => a === b);
export const ne = comparison((a, b) => a !== b);
export const lt = comparison((a, b) => a < b);
export const le = comparison((a, b) => a <= b);
export const gt = comparison((a, b) => a > b);
export const ge = comparison((a, b) => a >= b);

/** out = a ? b : c, where a is bool. */
export const where: ReferenceKernel = (heap, p) => {
  forEachElement(heap, p, [heap.shift, 0, heap.shift, heap.shift], (out, a, b, c) => {
    heap.x[out] = heap.u8[a] ? heap.x[b] : heap.x[c];
  });
};

export const copy = unary((a) => a);

/** out += a. */
export const accumulate: ReferenceKernel = (heap, p) => {
  forEachElement(heap, p, [heap.shift, heap.shift], (out, a) => {
    heap.x[out] += heap.x[a];
  });
};
