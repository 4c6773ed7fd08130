// Optimizer steps with first and second moment. Block: optim-lanes.ts; words 2 m, 3 v; doubles 3 β1, 4 1 − β1, 5 β2,
// 6 1 − β2, 7 ε, 8 √(1 − β2ᵗ).
import { address } from './strided';
import { average, blend, get, gradient, number, put } from './optim-lanes';

@inline export function firstMoment(whole: bool, p: usize, at: usize, g: v128): v128 {
  return average(whole, p, 2, at, number(p, 3), number(p, 4), g);
}

@inline export function secondMoment(whole: bool, p: usize, at: usize, g: v128): v128 {
  return average(whole, p, 3, at, number(p, 5), number(p, 6), f32x4.mul(g, g));
}

/** √v / √(1 − β2ᵗ) + ε */
@inline export function corrected(p: usize, v: v128): v128 {
  return f32x4.add(f32x4.div(f32x4.sqrt(v), number(p, 8)), number(p, 7));
}

/**
 * Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019). Word 4: largest v (amsgrad, Reddi et al. 2018); doubles
 * 2 lr/(1 − β1ᵗ), 9 1 − lr·decoupled decay.
 */
@inline export function adamAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  const m = firstMoment(whole, p, at, g);
  let v = secondMoment(whole, p, at, g);
  if (address(p, 4) != 0) {
    v = f32x4.max(get(whole, address(p, 4) + at), v);
    put(whole, address(p, 4) + at, v);
  }
  const step = f32x4.div(f32x4.mul(number(p, 2), m), corrected(p, v));
  put(whole, w, f32x4.sub(f32x4.mul(number(p, 9), x), step));
}

/** Adamax (Kingma & Ba 2015, algorithm 2). Word 3: the exponential maximum; double 2 lr/(1 − β1ᵗ). */
@inline export function adamaxAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  const m = firstMoment(whole, p, at, g);
  const infinity = address(p, 3) + at;
  const u = f32x4.max(f32x4.mul(number(p, 5), get(whole, infinity)), f32x4.add(f32x4.abs(g), number(p, 7)));
  put(whole, infinity, u);
  put(whole, w, f32x4.sub(x, f32x4.div(f32x4.mul(number(p, 2), m), u)));
}

/** NAdam (Dozat 2016). Doubles 2 factor of g, 9 factor of m, 10 1 − lr·decoupled decay. */
@inline export function nadamAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  const m = firstMoment(whole, p, at, g);
  const root = corrected(p, secondMoment(whole, p, at, g));
  const step = f32x4.div(blend(number(p, 2), g, number(p, 9), m), root);
  put(whole, w, f32x4.sub(f32x4.mul(number(p, 10), x), step));
}

/**
 * RAdam (Liu et al. 2020). Doubles 2 lr/(1 − β1ᵗ), 8 rectification·√(1 − β2ᵗ), or 0 while the variance cannot be told,
 * 9 1 − lr·decoupled decay.
 */
@inline export function radamAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  let step = f32x4.mul(number(p, 2), firstMoment(whole, p, at, g));
  const v = secondMoment(whole, p, at, g);
  const rectified = f32x4.div(f32x4.mul(step, number(p, 8)), f32x4.add(f32x4.sqrt(v), number(p, 7)));
  step = v128.bitselect(rectified, step, f32x4.gt(number(p, 8), f32x4.splat(0)));
  put(whole, w, f32x4.sub(f32x4.mul(number(p, 9), x), step));
}
