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

/** Sums the columns of [n, inner]; returns the address behind the sums. */
function sumColumns(out: usize, x: usize, n: i32, inner: i32, scale: f64): usize {
  const stride = <usize>inner << 2;
  let column = 0;
  for (; column + 4 <= inner; column += 4) {
    let low = f64x2.splat(0), high = f64x2.splat(0);
    let at = x + (<usize>column << 2);
    for (let i = 0; i < n; ) {
      const end = min(n, i + BLOCK);
      let s = f32x4.splat(0);
      for (; i < end; i++) {
        s = f32x4.add(s, v128.load(at));
        at += stride;
      }
      low = f64x2.add(low, f64x2.promote_low_f32x4(s));
      high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(s, s, 1, 0)));
    }
    const l = f32x4.demote_f64x2_zero(f64x2.mul(low, f64x2.splat(scale)));
    const h = f32x4.demote_f64x2_zero(f64x2.mul(high, f64x2.splat(scale)));
    v128.store(out, i64x2.shuffle(l, h, 0, 2));
    out += 16;
  }
  for (; column < inner; column++) {
    let total: f64 = 0;
    let at = x + (<usize>column << 2);
    for (let i = 0; i < n; i++) {
      total += <f64>load<f32>(at);
      at += stride;
    }
    store<f32>(out, <f32>(total * scale));
    out += 4;
  }
  return out;
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
