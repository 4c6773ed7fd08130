// Negative log-likelihood of logp: [N, C, D] at target: [N, D] (int32). Words: 0 loss [N, D], 1 logp, 2 target,
// 3 weight [C] or 0, 4 N, 5 C, 6 D, 7 ignoreIndex, 8 total weight (one float, written by nll).

/** loss[n, d] = −w[t]·logp[n, t, d], 0 where t is ignored. */
export function nll(p: usize): void {
  const samples = load<i32>(p, 16), classes = load<i32>(p, 20), depth = load<i32>(p, 24), ignored = load<i32>(p, 28);
  const logp = <usize>load<u32>(p, 4), weight = <usize>load<u32>(p, 12);
  let out = <usize>load<u32>(p), target = <usize>load<u32>(p, 8);
  let total: f64 = 0;
  for (let n = 0; n < samples; n++) {
    for (let d = 0; d < depth; d++, out += 4, target += 4) {
      const t = load<i32>(target);
      if (t == ignored) {
        store<f32>(out, 0);
        continue;
      }
      const w: f32 = weight ? load<f32>(weight + (<usize>t << 2)) : 1;
      total += <f64>w;
      store<f32>(out, -w * load<f32>(logp + (<usize>((n * classes + t) * depth + d) << 2)));
    }
  }
  store<f32>(load<u32>(p, 32), <f32>total);
}

/** Word 0: dlogp (whole, overwritten), 1: dL/dloss [N, D]; the others as in nll. */
export function nllGrad(p: usize): void {
  const samples = load<i32>(p, 16), classes = load<i32>(p, 20), depth = load<i32>(p, 24), ignored = load<i32>(p, 28);
  const out = <usize>load<u32>(p), weight = <usize>load<u32>(p, 12);
  let grad = <usize>load<u32>(p, 4), target = <usize>load<u32>(p, 8);
  memory.fill(out, 0, <usize>(samples * classes * depth) << 2);
  for (let n = 0; n < samples; n++) {
    for (let d = 0; d < depth; d++, grad += 4, target += 4) {
      const t = load<i32>(target);
      if (t == ignored) continue;
      const w: f32 = weight ? load<f32>(weight + (<usize>t << 2)) : 1;
      store<f32>(out + (<usize>((n * classes + t) * depth + d) << 2), -w * load<f32>(grad));
    }
  }
}
