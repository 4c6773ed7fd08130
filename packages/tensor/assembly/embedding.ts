/**
 * Adds the gradient of each looked-up row to its row of the table's gradient, in the order of the look-ups.
 * Words: 0 out [n, width] (added to), 1 dL/d(rows) [count, width], 2 index [count] (int32, checked by the caller), 3 count,
 * 4 width, 5 an index that gets nothing (-1 for none), 6 factors [count] or 0.
 */
export function embeddingGrad(p: usize): void {
  const out = <usize>load<u32>(p);
  let grad = <usize>load<u32>(p, 4), index = <usize>load<u32>(p, 8), factor = <usize>load<u32>(p, 24);
  const count = load<i32>(p, 12), ignored = load<i32>(p, 20);
  const bytes = <usize>load<u32>(p, 16) << 2;
  for (let i = 0; i < count; i++, index += 4, grad += bytes) {
    const row = load<i32>(index);
    const scale: f32 = factor ? load<f32>(factor) : 1;
    if (factor) factor += 4;
    if (row != ignored) addScaled(out + <usize>row * bytes, grad, scale, bytes);
  }
}

function addScaled(to: usize, from: usize, scale: f32, bytes: usize): void {
  const scales = f32x4.splat(scale);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(from + at), scales)));
  }
  for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at) * scale);
}
