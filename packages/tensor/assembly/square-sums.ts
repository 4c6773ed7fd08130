// Sums of squares over pieces of flat memory, in float64 and in one fixed order, so that a piece has the same sum whoever
// computes it. Block: words 0 values, 1 pieces (first and last + 1 element of each, int32), 2 sums (float64), 3 pieces.
import { address } from './strided';

/** Sum of what `addLow` and `addHigh` have added up. */
@inline export function joinLanes(low: v128, high: v128): f64 {
  const pairs = f64x2.add(low, high);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** sum + x² of lanes 0 and 1 of x. */
@inline export function addLow(sum: v128, x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f64x2.add(sum, f64x2.mul(wide, wide));
}

/** sum + x² of lanes 2 and 3. */
@inline export function addHigh(sum: v128, x: v128): v128 {
  return addLow(sum, i32x4.shuffle(x, x, 2, 3, 2, 3));
}

function squareSum(at: usize, end: usize): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0), nextLow = f64x2.splat(0), nextHigh = f64x2.splat(0);
  for (; at + 32 <= end; at += 32) {
    const x = v128.load(at), next = v128.load(at, 16);
    low = addLow(low, x);
    high = addHigh(high, x);
    nextLow = addLow(nextLow, next);
    nextHigh = addHigh(nextHigh, next);
  }
  let rest: f64 = 0;
  for (; at < end; at += 4) {
    const x = <f64>load<f32>(at);
    rest += x * x;
  }
  return joinLanes(low, high) + joinLanes(nextLow, nextHigh) + rest;
}

export function squareSums(p: usize): void {
  const values = address(p, 0), pieces = address(p, 1), sums = address(p, 2);
  const count = <usize>load<i32>(p, 12);
  for (let k: usize = 0; k < count; k++) {
    const piece = pieces + (k << 3);
    store<f64>(sums + (k << 3), squareSum(values + (load<i32>(piece) << 2), values + (load<i32>(piece, 4) << 2)));
  }
}
