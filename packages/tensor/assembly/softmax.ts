// Softmax of x: [outer, n, inner] along n. Block words: 0 out, 1 x (forward) or dL/dy (gradient), 2 y (gradient),
// 3 outer, 4 n, 5 inner.
import { exp4 } from './math';

@inline function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** y = eˣ⁻ᵐ / Σ eˣ⁻ᵐ with m = max x. */
export function softmax(p: usize): void { forward(false, p); }
/** y = x − m − ln Σ eˣ⁻ᵐ. */
export function logSoftmax(p: usize): void { forward(true, p); }

@inline function forward(logarithm: bool, p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const stride = <usize>inner << 2;
  const out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = <usize>(o * n * inner + i) << 2;
      let at = x + start;
      let most: f32 = -Infinity;
      for (let k = 0; k < n; k++, at += stride) most = max(most, load<f32>(at));
      if (most == -Infinity) most = 0; // a row of -Infinity gives NaN, as 0/0
      let total: f64 = 0;
      if (inner == 1) total = exponentials(out + start, x + start, n, most, !logarithm);
      else {
        at = x + start;
        let to = out + start;
        for (let k = 0; k < n; k++, at += stride, to += stride) {
          const e = exp1(load<f32>(at) - most);
          total += <f64>e;
          if (!logarithm) store<f32>(to, e);
        }
      }
      const scale = <f32>(1 / total);
      const shift = most + <f32>NativeMath.log(total);
      at = x + start;
      let to = out + start;
      for (let k = 0; k < n; k++, at += stride, to += stride) {
        store<f32>(to, logarithm ? load<f32>(at) - shift : load<f32>(to) * scale);
      }
    }
  }
}

/** Sum of eˣ⁻ᵐ over a row; stores the terms if `stores`. */
function exponentials(out: usize, x: usize, n: i32, most: f32, stores: bool): f64 {
  let total: f64 = 0;
  const m = f32x4.splat(most);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const e = exp4(f32x4.sub(v128.load(x), m));
    if (stores) v128.store(out, e);
    total += <f64>f32x4.extract_lane(e, 0) + <f64>f32x4.extract_lane(e, 1);
    total += <f64>f32x4.extract_lane(e, 2) + <f64>f32x4.extract_lane(e, 3);
    x += 16;
    out += 16;
  }
  for (; k < n; k++) {
    const e = exp1(load<f32>(x) - most);
    if (stores) store<f32>(out, e);
    total += <f64>e;
    x += 4;
    out += 4;
  }
  return total;
}

/** dx = y·(dy − Σ dy·y). */
export function softmaxGrad(p: usize): void { gradient(false, p); }
/** dx = dy − eʸ·Σ dy. */
export function logSoftmaxGrad(p: usize): void { gradient(true, p); }

@inline function gradient(logarithm: bool, p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const stride = <usize>inner << 2;
  const out = <usize>load<u32>(p), dy = <usize>load<u32>(p, 4), y = <usize>load<u32>(p, 8);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = <usize>(o * n * inner + i) << 2;
      let total: f64 = 0;
      let at = start;
      for (let k = 0; k < n; k++, at += stride) {
        const g = <f64>load<f32>(dy + at);
        total += logarithm ? g : g * <f64>load<f32>(y + at);
      }
      at = start;
      const s = <f32>total;
      for (let k = 0; k < n; k++, at += stride) {
        const g = load<f32>(dy + at), v = load<f32>(y + at);
        store<f32>(out + at, logarithm ? g - exp1(v) * s : v * (g - s));
      }
    }
  }
}
