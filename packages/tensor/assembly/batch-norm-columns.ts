// Batch normalisation of x: [N, C], four channels at a time; the blocks are those of batch-norm.ts and
// batch-norm-grad.ts. Sums run in float32 lanes over short blocks that are added up in float64.
import {
  elementOf, gradCoefficients, gradScale, gradShift, gradSlope, inverseOf, meanOf, storeMoments, storeSums,
} from './batch-norm-block';

const BLOCK = 64;

/** Adds four lanes to two pairs of doubles. */
let low = f64x2.splat(0);
let high = f64x2.splat(0);

@inline function addLanes(s: v128): void {
  low = f64x2.add(low, f64x2.promote_low_f32x4(s));
  high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(s, s, 1, 0)));
}

@inline function lane(k: i32): f64 {
  if (k == 0) return f64x2.extract_lane(low, 0);
  if (k == 1) return f64x2.extract_lane(low, 1);
  return k == 2 ? f64x2.extract_lane(high, 0) : f64x2.extract_lane(high, 1);
}

@inline function four(a: f64, b: f64, c: f64, d: f64): v128 {
  let v = f32x4.splat(<f32>a);
  v = f32x4.replace_lane(v, 1, <f32>b);
  v = f32x4.replace_lane(v, 2, <f32>c);
  return f32x4.replace_lane(v, 3, <f32>d);
}

@inline function means(p: usize, c: i32): v128 {
  return four(meanOf(p, c), meanOf(p, c + 1), meanOf(p, c + 2), meanOf(p, c + 3));
}

export function measureColumns(p: usize, c: i32): void {
  const rows = load<i32>(p, 20), stride = <usize>load<i32>(p, 24) << 2;
  const first = <usize>load<u32>(p) + (<usize>c << 2);
  low = f64x2.splat(0);
  high = f64x2.splat(0);
  for (let n = 0, at = first; n < rows; ) {
    let s = f32x4.splat(0);
    for (const end = min(rows, n + BLOCK); n < end; n++, at += stride) s = f32x4.add(s, v128.load(at));
    addLanes(s);
  }
  const m0 = lane(0) / rows, m1 = lane(1) / rows, m2 = lane(2) / rows, m3 = lane(3) / rows;
  const m = four(m0, m1, m2, m3);
  low = f64x2.splat(0);
  high = f64x2.splat(0);
  for (let n = 0, at = first; n < rows; ) {
    let s = f32x4.splat(0);
    for (const end = min(rows, n + BLOCK); n < end; n++, at += stride) {
      const d = f32x4.sub(v128.load(at), m);
      s = f32x4.add(s, f32x4.mul(d, d));
    }
    addLanes(s);
  }
  storeMoments(p, c, m0, lane(0) / rows);
  storeMoments(p, c + 1, m1, lane(1) / rows);
  storeMoments(p, c + 2, m2, lane(2) / rows);
  storeMoments(p, c + 3, m3, lane(3) / rows);
}

@inline function scaleOf(p: usize, c: i32): f64 {
  return elementOf(p, 8, c, 1) * inverseOf(p, c);
}

@inline function shiftOf(p: usize, c: i32): f64 {
  const mean = meanOf(p, c);
  return elementOf(p, 12, c, 0) - (mean - <f64><f32>mean) * scaleOf(p, c);
}

export function scaleColumns(p: usize, c: i32): void {
  const stride = <usize>load<i32>(p, 24) << 2, m = means(p, c);
  const scale = four(scaleOf(p, c), scaleOf(p, c + 1), scaleOf(p, c + 2), scaleOf(p, c + 3));
  const shift = four(shiftOf(p, c), shiftOf(p, c + 1), shiftOf(p, c + 2), shiftOf(p, c + 3));
  let x = <usize>load<u32>(p) + (<usize>c << 2), y = <usize>load<u32>(p, 4) + (<usize>c << 2);
  for (let n = load<i32>(p, 20); n > 0; n--, x += stride, y += stride) {
    v128.store(y, f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), m), scale), shift));
  }
}

export function sumColumnGradients(p: usize, c: i32): void {
  const rows = load<i32>(p, 20), stride = <usize>load<i32>(p, 24) << 2, m = means(p, c);
  let x = <usize>load<u32>(p) + (<usize>c << 2), dy = <usize>load<u32>(p, 4) + (<usize>c << 2);
  let plainLow = f64x2.splat(0), plainHigh = f64x2.splat(0);
  low = f64x2.splat(0);
  high = f64x2.splat(0);
  for (let n = 0; n < rows; ) {
    let s = f32x4.splat(0), t = f32x4.splat(0);
    for (const end = min(rows, n + BLOCK); n < end; n++, x += stride, dy += stride) {
      const g = v128.load(dy);
      s = f32x4.add(s, g);
      t = f32x4.add(t, f32x4.mul(g, f32x4.sub(v128.load(x), m)));
    }
    plainLow = f64x2.add(plainLow, f64x2.promote_low_f32x4(s));
    plainHigh = f64x2.add(plainHigh, f64x2.promote_low_f32x4(i64x2.shuffle(s, s, 1, 0)));
    addLanes(t);
  }
  storeSums(p, c, f64x2.extract_lane(plainLow, 0), lane(0));
  storeSums(p, c + 1, f64x2.extract_lane(plainLow, 1), lane(1));
  storeSums(p, c + 2, f64x2.extract_lane(plainHigh, 0), lane(2));
  storeSums(p, c + 3, f64x2.extract_lane(plainHigh, 1), lane(3));
}

export function gradColumns(p: usize, c: i32): void {
  const stride = <usize>load<i32>(p, 24) << 2, m = means(p, c);
  gradCoefficients(p, c);
  let a = f32x4.splat(gradScale), k = f32x4.splat(gradSlope), b = f32x4.splat(gradShift);
  gradCoefficients(p, c + 1);
  a = f32x4.replace_lane(a, 1, gradScale), k = f32x4.replace_lane(k, 1, gradSlope), b = f32x4.replace_lane(b, 1, gradShift);
  gradCoefficients(p, c + 2);
  a = f32x4.replace_lane(a, 2, gradScale), k = f32x4.replace_lane(k, 2, gradSlope), b = f32x4.replace_lane(b, 2, gradShift);
  gradCoefficients(p, c + 3);
  a = f32x4.replace_lane(a, 3, gradScale), k = f32x4.replace_lane(k, 3, gradSlope), b = f32x4.replace_lane(b, 3, gradShift);
  let x = <usize>load<u32>(p) + (<usize>c << 2), dy = <usize>load<u32>(p, 4) + (<usize>c << 2);
  let dx = <usize>load<u32>(p, 12) + (<usize>c << 2);
  for (let n = load<i32>(p, 20); n > 0; n--, x += stride, dy += stride, dx += stride) {
    const line = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), m), k), b);
    v128.store(dx, f32x4.add(f32x4.mul(v128.load(dy), a), line));
  }
}
