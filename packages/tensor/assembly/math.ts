// Vector mathematics on four float32 lanes. Strict IEEE operations only, so that the same input gives the same bits on
// every machine. Polynomials: Cephes (Moshier), single precision. Constants are read from memory: of a literal V8 would build a
// vector by five instructions wherever it is used.

const ONE = memory.data<f32>([1]);
const TWO = memory.data<f32>([2]);
const HALF = memory.data<f32>([0.5]);
const SIGN = memory.data<u32>([0x80000000]);
const LN_2 = memory.data<f32>([0.693359375, -2.12194440e-4]); // in two parts

@inline function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** The i-th constant of a table, in all lanes. */
@inline function at(table: usize, i: usize): v128 {
  return v128.load32_splat(table + (i << 2));
}

/** y·x plus the i-th constant of a table: a step of Horner's scheme. */
@inline function next(y: v128, x: v128, table: usize, i: usize): v128 {
  return f32x4.add(f32x4.mul(y, x), at(table, i));
}

/** The sign of x on a number that has none. */
@inline function signed(size: v128, x: v128): v128 {
  return v128.or(size, v128.and(x, at(SIGN, 0)));
}

const EXP_RANGE = memory.data<f32>([-104, 89]);
const DECAY_MIN = memory.data<f32>([-88]);
const LOG2_E = memory.data<f32>([1.44269504088896341]);
const ROUNDING = memory.data<f32>([12582912]); // 1.5·2²³
const EXP = memory.data<f32>([
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
]);

/** eˣ without its factor 2ⁿ; n stands in the lowest bits of `shifted`. In pairs (Estrin), for a shorter chain. */
@inline function mantissa4(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, at(ROUNDING, 0));
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, at(LN_2, 0))), f32x4.mul(n, at(LN_2, 1)));
  const square = f32x4.mul(r, r);
  let y = next(at(EXP, 0), r, EXP, 1);
  y = f32x4.add(f32x4.mul(y, square), next(at(EXP, 2), r, EXP, 3));
  y = f32x4.add(f32x4.mul(y, square), next(at(EXP, 4), r, EXP, 5));
  return f32x4.add(f32x4.add(f32x4.mul(y, square), r), at(ONE, 0));
}

/** x/ln 2, rounded to n by adding 1.5·2²³: n then stands in the lowest bits of the sum. */
@inline function shift4(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, at(LOG2_E, 0)), at(ROUNDING, 0));
}

/** eˣ; 0 below and Infinity above float32's range, NaN for NaN; 1 ulp. 2ⁿ is two factors, so that it reaches denormals. */
@inline export function exp4(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, at(EXP_RANGE, 1)), at(EXP_RANGE, 0));
  const shifted = shift4(clamped);
  const half = i32x4.shl(i32x4.shr_s(shifted, 1), 23); // of the exponent; what stands above n is shifted out
  const rest = i32x4.sub(i32x4.shl(shifted, 23), half);
  const y = f32x4.mul(mantissa4(clamped, shifted), i32x4.add(half, at(ONE, 0)));
  return f32x4.mul(y, i32x4.add(rest, at(ONE, 0)));
}

/** eˣ for x from −88, where n is −127 and 2ⁿ as bits is 0, to 88. */
@inline function inner4(x: v128): v128 {
  const shifted = shift4(x);
  return f32x4.mul(mantissa4(x, shifted), i32x4.add(i32x4.shl(shifted, 23), at(ONE, 0)));
}

/** eˣ for x that is not above 0 by more than rounding: the same, but 0 where that is denormal; −∞ gives 0, NaN gives NaN. */
@inline export function decay4(x: v128): v128 {
  return inner4(f32x4.pmax(x, at(DECAY_MIN, 0)));
}

const TINY = memory.data<f32>([1.17549435e-38, 8388608]);
const MANTISSA = memory.data<u32>([0x007fffff]);
const ROOT_HALF = memory.data<f32>([0.707106781186547524]);
const LOG = memory.data<f32>([
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1,
  -2.4999993993e-1, 3.3333331174e-1,
]);

/** ln x; -Infinity at 0, NaN below; 1 ulp. */
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, at(TINY, 0));
  const scaled = v128.bitselect(f32x4.mul(x, at(TINY, 1)), x, tiny); // denormals up into the normal range
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(scaled, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(tiny, splat(23)));
  let m = v128.or(v128.and(scaled, at(MANTISSA, 0)), at(HALF, 0));
  const low = f32x4.lt(m, at(ROOT_HALF, 0));
  e = f32x4.sub(e, v128.and(low, at(ONE, 0)));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), at(ONE, 0));
  const z = f32x4.mul(m, m);
  let y = at(LOG, 0);
  y = next(y, m, LOG, 1);
  y = next(y, m, LOG, 2);
  y = next(y, m, LOG, 3);
  y = next(y, m, LOG, 4);
  y = next(y, m, LOG, 5);
  y = next(y, m, LOG, 6);
  y = next(y, m, LOG, 7);
  y = next(y, m, LOG, 8);
  y = f32x4.mul(f32x4.mul(y, m), z);
  y = f32x4.add(y, f32x4.mul(e, at(LN_2, 1)));
  y = f32x4.sub(y, f32x4.mul(z, at(HALF, 0)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(e, at(LN_2, 0)));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  y = v128.bitselect(splat(Infinity), y, f32x4.eq(x, splat(Infinity)));
  return v128.bitselect(y, splat(NaN), f32x4.ge(x, splat(0)));
}

const TANH_SMALL = memory.data<f32>([0.625]);
const TANH_LARGE = memory.data<f32>([20]);
const TANH = memory.data<f32>([
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
]);

/** Odd polynomial below 0.625, 1 − 2/(e²ˣ + 1) above, which is 1 from 10 on; 1 ulp. */
@inline export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const power = inner4(f32x4.pmin(f32x4.add(size, size), at(TANH_LARGE, 0)));
  const big = f32x4.sub(at(ONE, 0), f32x4.div(at(TWO, 0), f32x4.add(power, at(ONE, 0))));
  const z = f32x4.mul(x, x);
  let y = at(TANH, 0);
  y = next(y, z, TANH, 1);
  y = next(y, z, TANH, 2);
  y = next(y, z, TANH, 3);
  y = next(y, z, TANH, 4);
  const small = f32x4.add(f32x4.mul(f32x4.mul(y, z), x), x);
  return v128.bitselect(small, signed(big, x), f32x4.lt(size, at(TANH_SMALL, 0)));
}

@inline export function sigmoid4(x: v128): v128 {
  return f32x4.div(at(ONE, 0), f32x4.add(at(ONE, 0), exp4(f32x4.neg(x))));
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

// Maclaurin series of erf, eleven terms.
const ERF = memory.data<f32>([
  1.3122532963802806e-8, -1.4503852223150468e-7, 1.4589169000933706e-6, -1.3227513227513228e-5, 1.0683760683760684e-4,
  -7.5757575757575758e-4, 4.6296296296296294e-3, -2.3809523809523808e-2, 0.1, -0.33333333333333333, 1,
]);
const ROOT_PI = memory.data<f32>([1.1283791670955126]); // 2/√π
// Abramowitz & Stegun 7.1.26, |error| < 1.5e-7; p comes last.
const ERFC = memory.data<f32>([1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0.3275911]);

/** The error function: odd polynomial below 1, 1 − e^(−x²)·(rational in 1/(1 + px)) above; 4 ulp. */
export function erf4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let s = at(ERF, 0);
  s = next(s, z, ERF, 1);
  s = next(s, z, ERF, 2);
  s = next(s, z, ERF, 3);
  s = next(s, z, ERF, 4);
  s = next(s, z, ERF, 5);
  s = next(s, z, ERF, 6);
  s = next(s, z, ERF, 7);
  s = next(s, z, ERF, 8);
  s = next(s, z, ERF, 9);
  s = next(s, z, ERF, 10);
  const small = f32x4.mul(f32x4.mul(s, x), at(ROOT_PI, 0));
  const t = f32x4.div(at(ONE, 0), f32x4.add(at(ONE, 0), f32x4.mul(size, at(ERFC, 5))));
  let y = at(ERFC, 0);
  y = next(y, t, ERFC, 1);
  y = next(y, t, ERFC, 2);
  y = next(y, t, ERFC, 3);
  y = next(y, t, ERFC, 4);
  const big = f32x4.sub(at(ONE, 0), f32x4.mul(f32x4.mul(y, t), decay4(f32x4.neg(z))));
  return v128.bitselect(small, signed(big, x), f32x4.lt(size, at(ONE, 0)));
}

/** e^(−x²/2). */
@inline export function bell4(x: v128): v128 {
  return decay4(f32x4.mul(f32x4.mul(x, x), splat(-0.5)));
}

const FAR = memory.data<f32>([20, 4]);
const NORMAL = memory.data<f32>([
  0.0953361993, -0.3073148924, 0.1468197419, 0.8622755393, -2.1053581508, 2.4041636072, -1.5957678428, 0.5,
]);

/**
 * The normal distribution function Φ(x), given bell = e^(−x²/2): Φ(−z) = bell·R(z), where R(z), 1/2 at 0, is a polynomial in
 * z/(z + 4), fitted for the least error of bell·R, and of R alone far out. Error 6·10⁻⁸, and 10⁻⁵ of Φ(x) below −3.
 */
@inline export function normal4(x: v128, bell: v128): v128 {
  const z = f32x4.pmin(f32x4.abs(x), at(FAR, 0));
  const u = f32x4.div(z, f32x4.add(z, at(FAR, 1)));
  const square = f32x4.mul(u, u);
  let y = next(at(NORMAL, 0), u, NORMAL, 1);
  y = f32x4.add(f32x4.mul(y, square), next(at(NORMAL, 2), u, NORMAL, 3));
  y = f32x4.add(f32x4.mul(y, square), next(at(NORMAL, 4), u, NORMAL, 5));
  y = f32x4.add(f32x4.mul(y, square), next(at(NORMAL, 6), u, NORMAL, 7));
  const below = f32x4.mul(bell, y);
  return v128.bitselect(below, f32x4.sub(at(ONE, 0), below), f32x4.lt(x, splat(0)));
}

/** tanh(ln(1 + eˣ)) = (n² + 2n)/(n² + 2n + 2) with n = eˣ; 1 from x = 20 on. */
export function tanhSoftplus4(x: v128): v128 {
  const n = exp4(f32x4.min(x, splat(20)));
  const m = f32x4.mul(n, f32x4.add(n, splat(2)));
  return f32x4.div(m, f32x4.add(m, splat(2)));
}
