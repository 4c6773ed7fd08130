// Vector mathematics on four float32 lanes. Strict IEEE operations only, so that the same input gives the same bits on
// every machine. Polynomials: Cephes (Moshier), single precision.

@inline function splat(x: f32): v128 {
  return f32x4.splat(x);
}

@inline function mulAdd(a: v128, b: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), f32x4.splat(c));
}

/** 2ⁿ for whole n in [-126, 127]. */
@inline function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** eˣ; 0 below and Infinity above float32's range, NaN for NaN; 1 ulp. */
export function exp4(x: v128): v128 {
  const clamped = f32x4.max(f32x4.min(x, splat(89)), splat(-104));
  const n = f32x4.nearest(f32x4.mul(clamped, splat(1.44269504088896341)));
  const r = f32x4.sub(f32x4.sub(clamped, f32x4.mul(n, splat(0.693359375))), f32x4.mul(n, splat(-2.12194440e-4)));
  let y = splat(1.9875691500e-4);
  y = mulAdd(y, r, 1.3981999507e-3);
  y = mulAdd(y, r, 8.3334519073e-3);
  y = mulAdd(y, r, 4.1665795894e-2);
  y = mulAdd(y, r, 1.6666665459e-1);
  y = mulAdd(y, r, 5.0000001201e-1);
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(r, r)), r), splat(1));
  // Two factors reach the whole range, denormals included.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** ln x; -Infinity at 0, NaN below; 1 ulp. */
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608)), x, tiny); // denormals up into the normal range
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(scaled, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(tiny, splat(23)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), splat(0.5));
  const low = f32x4.lt(m, splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(low, splat(1)));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), splat(1));
  const z = f32x4.mul(m, m);
  let y = splat(7.0376836292e-2);
  y = mulAdd(y, m, -1.1514610310e-1);
  y = mulAdd(y, m, 1.1676998740e-1);
  y = mulAdd(y, m, -1.2420140846e-1);
  y = mulAdd(y, m, 1.4249322787e-1);
  y = mulAdd(y, m, -1.6668057665e-1);
  y = mulAdd(y, m, 2.0000714765e-1);
  y = mulAdd(y, m, -2.4999993993e-1);
  y = mulAdd(y, m, 3.3333331174e-1);
  y = f32x4.mul(f32x4.mul(y, m), z);
  y = f32x4.add(y, f32x4.mul(e, splat(-2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(z, splat(0.5)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, splat(0.693359375)));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  y = v128.bitselect(splat(Infinity), y, f32x4.eq(x, splat(Infinity)));
  return v128.bitselect(y, splat(NaN), f32x4.ge(x, splat(0)));
}

export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const big = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(exp4(f32x4.add(size, size)), splat(1))));
  const z = f32x4.mul(x, x);
  let y = splat(-5.70498872745e-3);
  y = mulAdd(y, z, 2.06390887954e-2);
  y = mulAdd(y, z, -5.37397155531e-2);
  y = mulAdd(y, z, 1.33314422036e-1);
  y = mulAdd(y, z, -3.33332819422e-1);
  const small = f32x4.add(f32x4.mul(f32x4.mul(y, z), x), x);
  const signed = v128.or(big, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(small, signed, f32x4.lt(size, splat(0.625)));
}

export function sigmoid4(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(x))));
}

/** ln(1 + x), accurate near 0: ln(u)·(x/(u − 1)) with u = 1 + x (Kahan). */
export function log1p4(x: v128): v128 {
  const u = f32x4.add(x, splat(1));
  const ratio = f32x4.mul(log4(u), f32x4.div(x, f32x4.sub(u, splat(1))));
  const y = v128.bitselect(x, ratio, f32x4.eq(u, splat(1)));
  return v128.bitselect(u, y, f32x4.eq(u, splat(Infinity)));
}

/** eˣ − 1, accurate near 0: (u − 1)·(x/ln u) with u = eˣ (Kahan); for x up to 80. */
export function expm14(x: v128): v128 {
  const u = exp4(x);
  const difference = f32x4.sub(u, splat(1));
  const near = f32x4.mul(difference, f32x4.div(x, log4(u)));
  const y = v128.bitselect(x, near, f32x4.eq(u, splat(1)));
  return v128.bitselect(difference, y, f32x4.lt(x, splat(-1)));
}

/** The error function: odd polynomial below 1, 1 − e^(−x²)·(rational in 1/(1 + px)) above; 4 ulp. */
export function erf4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  // Maclaurin series of erf, eleven terms, for |x| < 1.
  let s = splat(1.3122532963802806e-8);
  s = mulAdd(s, z, -1.4503852223150468e-7);
  s = mulAdd(s, z, 1.4589169000933706e-6);
  s = mulAdd(s, z, -1.3227513227513228e-5);
  s = mulAdd(s, z, 1.0683760683760684e-4);
  s = mulAdd(s, z, -7.5757575757575758e-4);
  s = mulAdd(s, z, 4.6296296296296294e-3);
  s = mulAdd(s, z, -2.3809523809523808e-2);
  s = mulAdd(s, z, 0.1);
  s = mulAdd(s, z, -0.33333333333333333);
  s = mulAdd(s, z, 1);
  const small = f32x4.mul(f32x4.mul(s, x), splat(1.1283791670955126));
  // Abramowitz & Stegun 7.1.26, |error| < 1.5e-7.
  const t = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.mul(size, splat(0.3275911))));
  let y = splat(1.061405429);
  y = mulAdd(y, t, -1.453152027);
  y = mulAdd(y, t, 1.421413741);
  y = mulAdd(y, t, -0.284496736);
  y = mulAdd(y, t, 0.254829592);
  const big = f32x4.sub(splat(1), f32x4.mul(f32x4.mul(y, t), exp4(f32x4.neg(z))));
  const signed = v128.or(big, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(small, signed, f32x4.lt(size, splat(1)));
}

/** tanh(ln(1 + eˣ)) = (n² + 2n)/(n² + 2n + 2) with n = eˣ; 1 from x = 20 on. */
export function tanhSoftplus4(x: v128): v128 {
  const n = exp4(f32x4.min(x, splat(20)));
  const m = f32x4.mul(n, f32x4.add(n, splat(2)));
  return f32x4.div(m, f32x4.add(m, splat(2)));
}
