// Cross entropy of x: [N, C, D] with classes [N, D] (int32), softmax and smoothing included, without a matrix of
// probabilities in memory. With target distribution q (1 − ε of w[t] at t, and ε/C of w[c] at each c), a row's loss is
// Σ q[c]·(l − x[c]), l = ln Σ eˣ, and its gradient g·(Σq·eˣ⁻ˡ − q).
// Words: 0 loss [N, D], 1 x, 2 target, 3 weight [C] or 0, 4 N, 5 C, 6 D, 7 ignoreIndex, 8 Σ w[t] (one float),
// 9 rows [2, N·D] (max x, then 1/Σ eˣ⁻ᵐᵃˣ). Reals: 0 ε. A row whose class is ignored has loss and gradient 0.
import { gradientRow, largest, sumOf, sumOfExponentials, weightedSum, zeroRow } from './class-row';

export function softmaxNll(p: usize): void {
  const samples = load<i32>(p, 16), classes = load<i32>(p, 20), depth = load<i32>(p, 24), ignored = load<i32>(p, 28);
  const x = <usize>load<u32>(p, 4), weight = <usize>load<u32>(p, 12);
  const stride = <usize>depth << 2, rows = <usize>(samples * depth) << 2;
  const epsilon = load<f64>(p, 256);
  const spread = epsilon / <f64>classes * sumOf(weight, classes);
  let out = <usize>load<u32>(p), target = <usize>load<u32>(p, 8), row = <usize>load<u32>(p, 36);
  let total: f64 = 0;
  for (let n = 0; n < samples; n++) {
    for (let d = 0; d < depth; d++, out += 4, target += 4, row += 4) {
      const t = load<i32>(target);
      if (t == ignored) {
        store<f32>(out, 0);
        continue;
      }
      const from = x + (<usize>(n * classes * depth + d) << 2);
      const most = largest(from, classes, stride);
      const sum = sumOfExponentials(from, classes, stride, most);
      store<f32>(row, most);
      store<f32>(row + rows, <f32>(1 / sum));
      const w: f64 = weight ? <f64>load<f32>(weight + (<usize>t << 2)) : 1;
      total += w;
      const l = <f64>most + NativeMath.log(sum);
      let loss = (1 - epsilon) * w * (l - <f64>load<f32>(from + <usize>t * stride));
      if (epsilon > 0) loss += spread * l - epsilon / <f64>classes * weightedSum(from, classes, stride, weight);
      store<f32>(out, <f32>loss);
    }
  }
  store<f32>(load<u32>(p, 32), <f32>total);
}

/** Word 0: dx (whole, overwritten), 8: dL/dloss [N, D]; the others as in softmaxNll. */
export function softmaxNllGrad(p: usize): void {
  const samples = load<i32>(p, 16), classes = load<i32>(p, 20), depth = load<i32>(p, 24), ignored = load<i32>(p, 28);
  const out = <usize>load<u32>(p), x = <usize>load<u32>(p, 4), weight = <usize>load<u32>(p, 12);
  const stride = <usize>depth << 2, rows = <usize>(samples * depth) << 2;
  const epsilon = load<f64>(p, 256);
  const spread = epsilon / <f64>classes * sumOf(weight, classes);
  let grad = <usize>load<u32>(p, 32), target = <usize>load<u32>(p, 8), row = <usize>load<u32>(p, 36);
  for (let n = 0; n < samples; n++) {
    for (let d = 0; d < depth; d++, grad += 4, target += 4, row += 4) {
      const t = load<i32>(target);
      const start = <usize>(n * classes * depth + d) << 2;
      if (t == ignored) {
        zeroRow(out + start, classes, stride);
        continue;
      }
      const g = <f64>load<f32>(grad);
      const own = (1 - epsilon) * (weight ? <f64>load<f32>(weight + (<usize>t << 2)) : 1);
      const factor = <f32>(g * (own + spread) * <f64>load<f32>(row + rows));
      const share = <f32>(g * epsilon / <f64>classes);
      gradientRow(out + start, x + start, classes, stride, weight, load<f32>(row), factor, share);
      const at = out + start + <usize>t * stride;
      store<f32>(at, load<f32>(at) - <f32>(g * own));
    }
  }
}
