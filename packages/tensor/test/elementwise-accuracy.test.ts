import { describe, expect, it } from 'vitest';
import { grad } from '../src/autograd/grad.ts';
import { fromTypedArray } from '../src/create.ts';
import { step } from '../src/heap/step.ts';
import { useKernels } from '../src/kernels/dispatch.ts';
import { erf } from '../src/kernels/reference/erf.ts';
import '../src/methods.ts';
import { Generator } from '../src/random/generator.ts';
import type { Tensor } from '../src/tensor.ts';

const FLOAT32_MIN_NORMAL = 2 ** -126;
const SPECIAL = [0, -0, 1, -1, NaN, Infinity, -Infinity, 2 ** -149, -(2 ** -149), 1e-40, 3.4028235e38, -3.4028235e38];

/** Every kind of float32: special values, all exponents with both signs, and a dense grid around 0. */
function wideRange(): Float32Array {
  const generator = new Generator(3);
  const exponents = Array.from({ length: 278 * 16 }, (_, i) => {
    const sign = i % 2 === 0 ? 1 : -1;
    return sign * (1 + generator.uniform()) * 2 ** (Math.floor(i / 16) - 149);
  });
  const grid = Array.from({ length: 40001 }, (_, i) => (i - 20000) / 180);
  return Float32Array.from([...SPECIAL, ...exponents, ...grid]);
}

/** Distance between neighbouring float32 numbers at the size of `value`. */
function ulp(value: number): number {
  const size = Math.max(Math.abs(value), FLOAT32_MIN_NORMAL);
  return 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** The normal distribution function; below 0 by the complement of erf, x² exact, as Laplace's continued fraction. */
function normal(x: number): number {
  if (!(x < -2)) return 0.5 * (1 + erf(x * Math.SQRT1_2));
  let fraction = -x;
  for (let k = 100; k >= 1; k--) fraction = k / fraction - x;
  return density(x) / fraction;
}

function density(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

function slopeOfGelu(x: Tensor): Tensor {
  const leaf = x.detach().requiresGrad_();
  return grad(leaf.gelu().sum(), [leaf])[0]!;
}

function exactSlope(x: number): number {
  return normal(x) + x * density(x);
}

interface Bound {
  readonly name: string;
  readonly run: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
  /** Units in the last place of the exact result … */
  readonly ulps: number;
  /** … or this much, whichever is larger. */
  readonly absolute: number;
}

/** docs/numerics.md states these bounds. */
const BOUNDS: readonly Bound[] = [
  { name: 'exp', run: (x) => x.exp(), exact: Math.exp, ulps: 1, absolute: 0 },
  { name: 'log', run: (x) => x.log(), exact: Math.log, ulps: 1, absolute: 0 },
  { name: 'log1p', run: (x) => x.log1p(), exact: Math.log1p, ulps: 3, absolute: 0 },
  { name: 'tanh', run: (x) => x.tanh(), exact: Math.tanh, ulps: 1, absolute: 0 },
  { name: 'sigmoid', run: (x) => x.sigmoid(), exact: (x) => 1 / (1 + Math.exp(-x)), ulps: 3, absolute: 3e-39 },
  { name: 'erf', run: (x) => x.erf(), exact: erf, ulps: 4, absolute: 0 },
  { name: 'gelu', run: (x) => x.gelu(), exact: (x) => x * normal(x), ulps: 160, absolute: 1e-37 },
  { name: 'slope of gelu', run: slopeOfGelu, exact: exactSlope, ulps: 2, absolute: 2e-7 },
  { name: 'sqrt', run: (x) => x.sqrt(), exact: Math.sqrt, ulps: 0.5, absolute: 0 },
  { name: 'sin', run: (x) => x.sin(), exact: Math.sin, ulps: 0.5, absolute: 0 },
  { name: 'cos', run: (x) => x.cos(), exact: Math.cos, ulps: 0.5, absolute: 0 },
  { name: 'elu', run: (x) => x.elu(), exact: (x) => (x > 0 ? x : Math.expm1(x)), ulps: 3, absolute: 0 },
];

/** The error of the worst element in ulp, beyond the absolute allowance; Infinity where NaN or an infinity differs. */
function worst({ run, exact, absolute }: Bound, values: Float32Array): { error: number; at: number } {
  const results = step(() => run(fromTypedArray(values, [values.length])).data());
  let found = { error: 0, at: 0 };
  for (const [i, x] of values.entries()) {
    const expected = exact(x);
    const result = results[i]!;
    let error = Math.abs(result - expected) / ulp(expected);
    if (Math.abs(result - expected) <= absolute || Object.is(result, Math.fround(expected))) error = 0;
    if (Number.isNaN(error)) error = Infinity;
    if (error > found.error) found = { error, at: x };
  }
  return found;
}

describe.each(['strict', 'relaxed'] as const)('%s kernels', (variant) => {
  it.each(BOUNDS)('$name lies within $ulps ulp (or $absolute) of the exact value, for every size of input', (bound) => {
    useKernels(variant);
    const { error, at } = worst(bound, wideRange());
    expect({ within: error <= bound.ulps, error, at }).toEqual({ within: true, error, at });
  });
});
