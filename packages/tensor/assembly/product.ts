// Products of x: [outer, n, inner] along n, and their gradients, which divide by nothing, so zeros are no special case.
// Block words: 0 out, 1 x, 2 dL/dy (gradients), 3 outer, 4 n, 5 inner.

/** out[o, i] = Πₙ x[o, n, i]. */
export function prod(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const x = <usize>load<u32>(p, 4);
  let out = <usize>load<u32>(p);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++, out += 4) {
      let total: f64 = 1;
      for (let k = 0; k < n; k++) total *= <f64>load<f32>(x + (<usize>((o * n + k) * inner + i) << 2));
      store<f32>(out, <f32>total);
    }
  }
}

/** out[o, n, i] = Π_{k ≤ n} x[o, k, i]. */
export function cumprod(p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total: f64 = 1;
      for (let k = 0; k < n; k++) {
        const at = <usize>((o * n + k) * inner + i) << 2;
        total *= <f64>load<f32>(x + at);
        store<f32>(out + at, <f32>total);
      }
    }
  }
}

/** dx[k] = dy · Π_{j < k} x[j] · Π_{j > k} x[j]; dy: [outer, inner]. */
export function prodGrad(p: usize): void { gradient(false, p); }
/** dx[k] = Π_{j < k} x[j] · s[k], with s[k] = dy[k] + x[k + 1]·s[k + 1]; dy: [outer, n, inner]. */
export function cumprodGrad(p: usize): void { gradient(true, p); }

@inline function gradient(cumulative: bool, p: usize): void {
  const outer = load<i32>(p, 12), n = load<i32>(p, 16), inner = load<i32>(p, 20);
  const out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4), dy = <usize>load<u32>(p, 8);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let before: f64 = 1;
      for (let k = 0; k < n; k++) {
        const at = <usize>((o * n + k) * inner + i) << 2;
        store<f32>(out + at, <f32>before);
        before *= <f64>load<f32>(x + at);
      }
      let s: f64 = cumulative ? 0 : <f64>load<f32>(dy + (<usize>(o * inner + i) << 2));
      for (let k = n - 1; k >= 0; k--) {
        const at = <usize>((o * n + k) * inner + i) << 2;
        if (cumulative) s += <f64>load<f32>(dy + at);
        store<f32>(out + at, <f32>(<f64>load<f32>(out + at) * s));
        s *= <f64>load<f32>(x + at);
      }
    }
  }
}
