// Optimizer steps that scale or steer the gradient by one running average. Block: optim-lanes.ts.
import { address } from './strided';
import { average, blend, flag, get, gradient, number, put } from './optim-lanes';

/**
 * RMSprop (Hinton 2012; centred: Graves 2013). Words 2 mean square, 3 momentum buffer, 4 mean gradient (centred); doubles
 * 2 lr, 3 α, 4 1 − α, 5 ε, 6 momentum.
 */
@inline export function rmspropAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  let square = average(whole, p, 2, at, number(p, 3), number(p, 4), f32x4.mul(g, g));
  if (address(p, 4) != 0) {
    const mean = average(whole, p, 4, at, number(p, 3), number(p, 4), g);
    square = f32x4.max(f32x4.splat(0), f32x4.sub(square, f32x4.mul(mean, mean))); // rounding must not make it negative
  }
  let step = f32x4.div(g, f32x4.add(f32x4.sqrt(square), number(p, 5)));
  if (address(p, 3) != 0) step = average(whole, p, 3, at, number(p, 6), f32x4.splat(1), step);
  put(whole, w, f32x4.sub(x, f32x4.mul(number(p, 2), step)));
}

/** Adagrad (Duchi et al. 2011). Word 2: sum of squares; doubles 2 decayed lr, 3 ε. */
@inline export function adagradAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  const sum = f32x4.add(get(whole, address(p, 2) + at), f32x4.mul(g, g));
  put(whole, address(p, 2) + at, sum);
  const step = f32x4.div(g, f32x4.add(f32x4.sqrt(sum), number(p, 3)));
  put(whole, w, f32x4.sub(x, f32x4.mul(number(p, 2), step)));
}

/** Adadelta (Zeiler 2012). Words 2 mean square of gradients, 3 of steps; doubles 2 lr, 3 ρ, 4 1 − ρ, 5 ε. */
@inline export function adadeltaAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  const square = average(whole, p, 2, at, number(p, 3), number(p, 4), f32x4.mul(g, g));
  const before = get(whole, address(p, 3) + at);
  const ratio = f32x4.div(f32x4.sqrt(f32x4.add(before, number(p, 5))), f32x4.sqrt(f32x4.add(square, number(p, 5))));
  const step = f32x4.mul(ratio, g);
  average(whole, p, 3, at, number(p, 3), number(p, 4), f32x4.mul(step, step));
  put(whole, w, f32x4.sub(x, f32x4.mul(number(p, 2), step)));
}

/**
 * Lion (Chen et al. 2023, algorithm 2). Word 2: m; doubles 2 lr, 3 β1, 4 1 − β1, 5 β2, 6 1 − β2, 7 1 − lr·decoupled decay.
 */
@inline export function lionAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const g = gradient(whole, p, at, x);
  const c = blend(number(p, 3), get(whole, address(p, 2) + at), number(p, 4), g);
  average(whole, p, 2, at, number(p, 5), number(p, 6), g);
  const zero = f32x4.splat(0), lr = number(p, 2);
  const step = f32x4.sub(v128.and(f32x4.gt(c, zero), lr), v128.and(f32x4.lt(c, zero), lr)); // lr·sign(c)
  put(whole, w, f32x4.sub(f32x4.mul(number(p, 7), x), step));
}

/**
 * Rprop (Riedmiller & Braun 1993), in the form that takes no step back. Words 2 gradient of the step before, 3 size of the
 * step; flag 6 first step; doubles 2 first size, 3 η⁻, 4 η⁺, 5 and 6 least and largest size.
 */
@inline export function rpropAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at, before = address(p, 2) + at, size = address(p, 3) + at;
  const x = get(whole, w), zero = f32x4.splat(0);
  const g = gradient(whole, p, at, x);
  const turn = f32x4.mul(g, get(whole, before));
  const turned = f32x4.lt(turn, zero);
  const factor = v128.bitselect(number(p, 3), v128.bitselect(number(p, 4), f32x4.splat(1), f32x4.gt(turn, zero)), turned);
  const last = flag(p, 6) ? number(p, 2) : get(whole, size);
  const step = f32x4.min(f32x4.max(f32x4.mul(last, factor), number(p, 5)), number(p, 6));
  put(whole, size, step);
  const kept = v128.andnot(g, turned); // where the sign has changed there is no step, and none to compare with next time
  put(whole, before, kept);
  const up = v128.and(f32x4.gt(kept, zero), step), down = v128.and(f32x4.lt(kept, zero), step);
  put(whole, w, f32x4.add(f32x4.sub(x, up), down));
}
