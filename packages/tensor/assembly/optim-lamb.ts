// LAMB (You et al. 2020): moments and direction as in optim-adam.ts, with doubles 9 factor of m, 10 decoupled decay.
import { address } from './strided';
import { corrected, firstMoment, secondMoment } from './optim-adam';
import { get, gradient, narrow, number, put } from './optim-lanes';
import { addHigh, addLow, joinLanes } from './square-sums';

@inline function direction(p: usize, x: v128, m: v128, v: v128): v128 {
  const step = f32x4.div(f32x4.mul(number(p, 9), m), corrected(p, v));
  return f32x4.add(step, f32x4.mul(number(p, 10), x));
}

/** The step, after `lambMoments`. Double 2: lr·trust ratio. */
@inline export function lambAt(whole: bool, p: usize, at: usize): void {
  const w = address(p, 0) + at;
  const x = get(whole, w);
  const u = direction(p, x, get(whole, address(p, 2) + at), get(whole, address(p, 3) + at));
  put(whole, w, f32x4.sub(x, f32x4.mul(number(p, 2), u)));
}

/** Moves the moments at one place and returns the direction there. */
@inline function directionAt(whole: bool, p: usize, at: usize, x: v128): v128 {
  const g = gradient(whole, p, at, x);
  const m = firstMoment(whole, p, at, g);
  return direction(p, x, m, secondMoment(whole, p, at, g));
}

/**
 * Moves the moments over pieces of flat memory, and sums the squares of the parameters and of the directions over each.
 * Words 4 pieces (first and last + 1 element of each, int32), 5 pieces, 6 and 7 both sums (float64); addresses of
 * parameters, gradient and moments are those of the first element of flat memory.
 */
export function lambMoments(p: usize): void {
  narrow(p);
  const w = address(p, 0), pieces = address(p, 4), count = <usize>load<i32>(p, 20);
  for (let k: usize = 0; k < count; k++) {
    let at = <usize>load<i32>(pieces + (k << 3)) << 2;
    const end = <usize>load<i32>(pieces + (k << 3), 4) << 2;
    let low = f64x2.splat(0), high = f64x2.splat(0), lowU = f64x2.splat(0), highU = f64x2.splat(0);
    for (; at + 16 <= end; at += 16) {
      const x = v128.load(w + at);
      const u = directionAt(true, p, at, x);
      low = addLow(low, x);
      high = addHigh(high, x);
      lowU = addLow(lowU, u);
      highU = addHigh(highU, u);
    }
    for (; at < end; at += 4) {
      const x = v128.load32_zero(w + at);
      const u = f32x4.replace_lane(f32x4.splat(0), 0, f32x4.extract_lane(directionAt(false, p, at, x), 0));
      low = addLow(low, x);
      lowU = addLow(lowU, u);
    }
    store<f64>(address(p, 6) + (k << 3), joinLanes(low, high));
    store<f64>(address(p, 7) + (k << 3), joinLanes(lowU, highU));
  }
}
