// Reductions of x: [outer, n, inner] along n. Block words: 0 out, 1 x, 2 index (maxDim, minDim), 3 outer, 4 n, 5 inner;
// double 0: scale (sum). Sums run in blocks of float32 lanes that are added up in float64, always in the same order.

import { sumRow } from './runs';

const BLOCK = 256;

/** out[o, i] = scale · Σₙ x[o, n, i]. */
export function sum(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const scale = load<f64>(p, 256);
  let out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4);
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      store<f32>(out, <f32>(scale * sumRow(x, n)));
      out += 4;
    } else {
      out = sumColumns(out, x, n, inner, scale);
    }
    x += <usize>(n * inner) << 2;
  }
}

/** Sums the columns of [n, inner]; returns the address behind the sums. Sixteen columns are a line of the cache. */
function sumColumns(out: usize, x: usize, n: i32, inner: i32, scale: f64): usize {
  const stride = <usize>inner << 2;
  let column = 0;
  for (; column + 16 <= inner; column += 16, x += 64, out += 64) sixteenColumns(out, x, n, stride, scale);
  for (; column + 4 <= inner; column += 4, x += 16, out += 16) fourColumns(out, x, n, stride, scale);
  for (; column < inner; column++, x += 4, out += 4) {
    let total: f64 = 0, at = x;
    for (let i = 0; i < n; i++, at += stride) total += <f64>load<f32>(at);
    store<f32>(out, <f32>(total * scale));
  }
  return out;
}

function sixteenColumns(out: usize, x: usize, n: i32, stride: usize, scale: f64): void {
  let low0 = f64x2.splat(0), low1 = low0, low2 = low0, low3 = low0, high0 = low0, high1 = low0, high2 = low0, high3 = low0;
  for (let i = 0; i < n; ) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (const end = min(n, i + BLOCK); i < end; i++, x += stride) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
    }
    low0 = addLow(low0, s0), low1 = addLow(low1, s1), low2 = addLow(low2, s2), low3 = addLow(low3, s3);
    high0 = addHigh(high0, s0), high1 = addHigh(high1, s1), high2 = addHigh(high2, s2), high3 = addHigh(high3, s3);
  }
  storeSums(out, low0, high0, scale);
  storeSums(out + 16, low1, high1, scale);
  storeSums(out + 32, low2, high2, scale);
  storeSums(out + 48, low3, high3, scale);
}

function fourColumns(out: usize, x: usize, n: i32, stride: usize, scale: f64): void {
  let low = f64x2.splat(0), high = low;
  for (let i = 0; i < n; ) {
    let s = f32x4.splat(0);
    for (const end = min(n, i + BLOCK); i < end; i++, x += stride) s = f32x4.add(s, v128.load(x));
    low = addLow(low, s);
    high = addHigh(high, s);
  }
  storeSums(out, low, high, scale);
}

@inline function addLow(sums: v128, s: v128): v128 {
  return f64x2.add(sums, f64x2.promote_low_f32x4(s));
}

@inline function addHigh(sums: v128, s: v128): v128 {
  return f64x2.add(sums, f64x2.promote_low_f32x4(i64x2.shuffle(s, s, 1, 0)));
}

@inline function storeSums(out: usize, low: v128, high: v128, scale: f64): void {
  const l = f32x4.demote_f64x2_zero(f64x2.mul(low, f64x2.splat(scale)));
  const h = f32x4.demote_f64x2_zero(f64x2.mul(high, f64x2.splat(scale)));
  v128.store(out, i64x2.shuffle(l, h, 0, 2));
}

/** out[o, i] = maxₙ x[o, n, i], index: its first position; NaN wins. */
export function maxDim(p: usize): void { extreme(true, p); }
/** out[o, i] = minₙ x[o, n, i], index: its first position; NaN wins. */
export function minDim(p: usize): void { extreme(false, p); }

@inline function extreme(largest: bool, p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const stride = <usize>inner << 2;
  let out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4), index = <usize>load<u32>(p, 8);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let at = x + (<usize>i << 2);
      let best = load<f32>(at);
      let where = 0;
      for (let k = 1; k < n; k++) {
        at += stride;
        const v = load<f32>(at);
        if ((largest ? v > best : v < best) || (v != v && best == best)) {
          best = v;
          where = k;
        }
      }
      store<f32>(out, best);
      store<i32>(index, where);
      out += 4;
      index += 4;
    }
    x += <usize>n * stride;
  }
}

/** out[o, n, i] = Σ_{k ≤ n} x[o, k, i]; from the end if word 6 is 1. */
export function cumsum(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const backwards = load<i32>(p, 24) != 0;
  const out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total: f64 = 0;
      for (let k = 0; k < n; k++) {
        const position = backwards ? n - 1 - k : k;
        const at = <usize>((o * n + position) * inner + i) << 2;
        total += <f64>load<f32>(x + at);
        store<f32>(out + at, <f32>total);
      }
    }
  }
}
