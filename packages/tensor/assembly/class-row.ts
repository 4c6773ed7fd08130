// One row of n scores, `stride` bytes apart, for cross-entropy.ts. Sums are in float64.
import { exp4 } from './math';

@inline function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** Lanes 0 + 2 and 1 + 3, as doubles. */
@inline function sumOf4(x: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0)));
}

/** 0 where all scores are -Infinity, which gives NaN, as 0/0. */
export function largest(x: usize, n: i32, stride: usize): f32 {
  let most: f32 = -Infinity;
  let k = 0;
  if (stride == 4 && n >= 4) {
    let lanes = f32x4.splat(-Infinity);
    for (; k + 4 <= n; k += 4, x += 16) lanes = f32x4.max(lanes, v128.load(x));
    most = max(
      max(f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1)),
      max(f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3)),
    );
  }
  for (; k < n; k++, x += stride) most = max(most, load<f32>(x));
  return most == -Infinity ? 0 : most;
}

export function sumOfExponentials(x: usize, n: i32, stride: usize, most: f32): f64 {
  let total: f64 = 0;
  let k = 0;
  if (stride == 4) {
    const m = f32x4.splat(most);
    let sums = f64x2.splat(0);
    for (; k + 4 <= n; k += 4, x += 16) sums = f64x2.add(sums, sumOf4(exp4(f32x4.sub(v128.load(x), m))));
    total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  }
  for (; k < n; k++, x += stride) total += <f64>exp1(load<f32>(x) - most);
  return total;
}

/** Σ w[c]·x[c]; all w are 1 if weight is 0. */
export function weightedSum(x: usize, n: i32, stride: usize, weight: usize): f64 {
  let total: f64 = 0;
  let k = 0;
  if (stride == 4 && !weight) {
    let sums = f64x2.splat(0);
    for (; k + 4 <= n; k += 4, x += 16) sums = f64x2.add(sums, sumOf4(v128.load(x)));
    total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  }
  for (; k < n; k++, x += stride) {
    const w: f64 = weight ? <f64>load<f32>(weight + (<usize>k << 2)) : 1;
    total += w * <f64>load<f32>(x);
  }
  return total;
}

export function sumOf(weight: usize, n: i32): f64 {
  if (!weight) return <f64>n;
  let total: f64 = 0;
  for (let k = 0; k < n; k++) total += <f64>load<f32>(weight + (<usize>k << 2));
  return total;
}

export function zeroRow(out: usize, n: i32, stride: usize): void {
  if (stride == 4) memory.fill(out, 0, <usize>n << 2);
  else for (let k = 0; k < n; k++, out += stride) store<f32>(out, 0);
}

/** dx[c] = factor·eˣ⁻ᵐ − share·w[c]. */
export function gradientRow(
  out: usize, x: usize, n: i32, stride: usize, weight: usize, most: f32, factor: f32, share: f32,
): void {
  let k = 0;
  if (stride == 4) {
    const m = f32x4.splat(most), factors = f32x4.splat(factor), shares = f32x4.splat(share);
    for (; k + 4 <= n; k += 4, x += 16, out += 16) {
      const p = f32x4.mul(exp4(f32x4.sub(v128.load(x), m)), factors);
      const q = weight ? f32x4.mul(shares, v128.load(weight + (<usize>k << 2))) : shares;
      v128.store(out, f32x4.sub(p, q));
    }
  }
  for (; k < n; k++, x += stride, out += stride) {
    const w: f32 = weight ? load<f32>(weight + (<usize>k << 2)) : 1;
    store<f32>(out, exp1(load<f32>(x) - most) * factor - share * w);
  }
}
