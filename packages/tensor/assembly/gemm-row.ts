/** One row of C: the rows of B, scaled and added eight at a time, so that B is read once and in order. */
import { multiplyAdd } from './multiply-add';

const ROWS: usize = 8;

/** c = init + Σₚ a[p]·b[p], with c and init: [n], b[p] a contiguous row; aStep and bRow are in bytes from p to p + 1. */
export function multiplyRow(
  n: usize, k: usize, a: usize, aStep: usize, b: usize, bRow: usize, init: usize, initColumn: usize, c: usize,
): void {
  if (init != c) for (let j: usize = 0; j < n; j++) store<f32>(c + (j << 2), load<f32>(init + j * initColumn));
  for (; k >= ROWS; k -= ROWS) {
    addRows8(n, a, aStep, b, bRow, c);
    a += ROWS * aStep;
    b += ROWS * bRow;
  }
  for (; k != 0; k--) {
    addRow(n, v128.load32_splat(a), b, c);
    a += aStep;
    b += bRow;
  }
}

function addRows8(n: usize, a: usize, aStep: usize, b: usize, bRow: usize, c: usize): void {
  const a0 = v128.load32_splat(a);
  const a1 = v128.load32_splat(a + aStep);
  const a2 = v128.load32_splat(a + 2 * aStep);
  const a3 = v128.load32_splat(a + 3 * aStep);
  const a4 = v128.load32_splat(a + 4 * aStep);
  const a5 = v128.load32_splat(a + 5 * aStep);
  const a6 = v128.load32_splat(a + 6 * aStep);
  const a7 = v128.load32_splat(a + 7 * aStep);
  for (const end = c + ((n & ~3) << 2); c < end; c += 16) {
    let sum = multiplyAdd(a0, v128.load(b), v128.load(c));
    sum = multiplyAdd(a1, v128.load(b + bRow), sum);
    sum = multiplyAdd(a2, v128.load(b + 2 * bRow), sum);
    sum = multiplyAdd(a3, v128.load(b + 3 * bRow), sum);
    sum = multiplyAdd(a4, v128.load(b + 4 * bRow), sum);
    sum = multiplyAdd(a5, v128.load(b + 5 * bRow), sum);
    sum = multiplyAdd(a6, v128.load(b + 6 * bRow), sum);
    sum = multiplyAdd(a7, v128.load(b + 7 * bRow), sum);
    v128.store(c, sum);
    b += 16;
  }
  for (let p: usize = 0; p < ROWS; p++) addRow(n & 3, v128.load32_splat(a + p * aStep), b + p * bRow, c);
}

function addRow(n: usize, a: v128, b: usize, c: usize): void {
  for (; n >= 4; n -= 4) {
    v128.store(c, multiplyAdd(a, v128.load(b), v128.load(c)));
    b += 16;
    c += 16;
  }
  for (; n != 0; n--) {
    v128.store32_lane(c, multiplyAdd(a, v128.load32_zero(b), v128.load32_zero(c)), 0);
    b += 4;
    c += 4;
  }
}
