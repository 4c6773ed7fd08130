// What reductions and normalisations do with a run of elements that lie behind each other. Sums run in float32 lanes over short
// blocks that are added up in float64, always in the same order.

const BLOCK = 4096;

@inline function lanes(s: v128): f64 {
  const low = <f64>f32x4.extract_lane(s, 0) + <f64>f32x4.extract_lane(s, 1);
  return low + (<f64>f32x4.extract_lane(s, 2) + <f64>f32x4.extract_lane(s, 3));
}

/** Σ x. */
export function sumRow(x: usize, n: i32): f64 {
  let total: f64 = 0;
  let i = 0;
  while (i + 16 <= n) {
    const end = min(n - 15, i + BLOCK);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    for (; i < end; i += 16) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
      x += 64;
    }
    const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    total += <f64>f32x4.extract_lane(s, 0) + <f64>f32x4.extract_lane(s, 1);
    total += <f64>f32x4.extract_lane(s, 2) + <f64>f32x4.extract_lane(s, 3);
  }
  for (; i < n; i++) {
    total += <f64>load<f32>(x);
    x += 4;
  }
  return total;
}

/** Σ (x − mean)². */
export function squaresRun(x: usize, n: i32, mean: f32): f64 {
  const m = f32x4.splat(mean);
  let total: f64 = 0;
  let i = 0;
  while (i + 8 <= n) {
    const end = min(n - 7, i + BLOCK);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
    for (; i < end; i += 8) {
      const d0 = f32x4.sub(v128.load(x), m), d1 = f32x4.sub(v128.load(x, 16), m);
      s0 = f32x4.add(s0, f32x4.mul(d0, d0));
      s1 = f32x4.add(s1, f32x4.mul(d1, d1));
      x += 32;
    }
    total += lanes(f32x4.add(s0, s1));
  }
  for (; i < n; i++) {
    const d = <f64>(load<f32>(x) - mean);
    total += d * d;
    x += 4;
  }
  return total;
}

/** What sumsRun found. */
export let plainSum: f64 = 0;
export let productSum: f64 = 0;

/** Σ dy and Σ dy·(x − mean), in one pass. */
export function sumsRun(dy: usize, x: usize, n: i32, mean: f32): void {
  const m = f32x4.splat(mean);
  let plain: f64 = 0, products: f64 = 0;
  let i = 0;
  while (i + 8 <= n) {
    const end = min(n - 7, i + BLOCK);
    let s0 = f32x4.splat(0), s1 = s0, t0 = s0, t1 = s0;
    for (; i < end; i += 8) {
      const g0 = v128.load(dy), g1 = v128.load(dy, 16);
      s0 = f32x4.add(s0, g0);
      s1 = f32x4.add(s1, g1);
      t0 = f32x4.add(t0, f32x4.mul(g0, f32x4.sub(v128.load(x), m)));
      t1 = f32x4.add(t1, f32x4.mul(g1, f32x4.sub(v128.load(x, 16), m)));
      x += 32;
      dy += 32;
    }
    plain += lanes(f32x4.add(s0, s1));
    products += lanes(f32x4.add(t0, t1));
  }
  for (; i < n; i++) {
    plain += <f64>load<f32>(dy);
    products += <f64>load<f32>(dy) * <f64>(load<f32>(x) - mean);
    x += 4;
    dy += 4;
  }
  plainSum = plain;
  productSum = products;
}

/** y = (x − mean)·scale + shift. */
export function scaleRun(y: usize, x: usize, n: i32, mean: f32, scale: f32, shift: f32): void {
  const m = f32x4.splat(mean), s = f32x4.splat(scale), b = f32x4.splat(shift);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(y, f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), m), s), b));
    x += 16;
    y += 16;
  }
  for (; i < n; i++) {
    store<f32>(y, (load<f32>(x) - mean) * scale + shift);
    x += 4;
    y += 4;
  }
}

/** dx = scale·dy + slope·(x − mean) + shift. */
export function gradRun(
  dx: usize, dy: usize, x: usize, n: i32, mean: f32, scale: f32, slope: f32, shift: f32,
): void {
  const m = f32x4.splat(mean), s = f32x4.splat(scale), k = f32x4.splat(slope), b = f32x4.splat(shift);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const line = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), m), k), b);
    v128.store(dx, f32x4.add(f32x4.mul(v128.load(dy), s), line));
    x += 16;
    dy += 16;
    dx += 16;
  }
  for (; i < n; i++) {
    store<f32>(dx, load<f32>(dy) * scale + ((load<f32>(x) - mean) * slope + shift));
    x += 4;
    dy += 4;
    dx += 4;
  }
}
