// Copies and in-place sums between strided operands. Block: strided.ts with operands out and a, both strided.
import { address, innerSize, innerStride, nextRow, rowCount } from './strided';

@inline function run(accumulates: bool, p: usize): void {
  const n = innerSize(p);
  const strideOut = innerStride(p, 0);
  const stride = innerStride(p, 1);
  const rows = rowCount(p);
  for (let r = 0; r < rows; r++) {
    let out = address(p, 0);
    let a = address(p, 1);
    let i = 0;
    if (strideOut == 1 && stride == 1) {
      for (; i + 4 <= n; i += 4) {
        v128.store(out, accumulates ? f32x4.add(v128.load(out), v128.load(a)) : v128.load(a));
        out += 16;
        a += 16;
      }
    }
    for (; i < n; i++) {
      store<f32>(out, accumulates ? load<f32>(out) + load<f32>(a) : load<f32>(a));
      out += <usize>(strideOut << 2);
      a += <usize>(stride << 2);
    }
    nextRow(p, 2, 3);
  }
}

/** out = a. */
export function copy(p: usize): void { run(false, p); }
/** out += a. */
export function accumulate(p: usize): void { run(true, p); }
