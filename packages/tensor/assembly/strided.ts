// Strided operands of elementwise kernels. The block's words are:
// 0 out, 1 a, 2 b, 3 c: addresses; 4: number of dimensions; 8…15 sizes; 16…23 strides of out, 24…31 of a,
// 32…39 of b, 40…47 of c, in elements; 48…55: counters, zero before and after. Doubles start at byte 256.
// The innermost dimension is the last one; kernels loop over it themselves and call `nextRow` between rows.

@inline export function innerSize(p: usize): i32 {
  return load<i32>(p + (<usize>(load<i32>(p, 16) - 1) << 2), 32);
}

/** Stride of operand `k` along the innermost dimension. */
@inline export function innerStride(p: usize, k: usize): i32 {
  return load<i32>(p + (k << 5) + (<usize>(load<i32>(p, 16) - 1) << 2), 64);
}

@inline export function address(p: usize, k: usize): usize {
  return load<u32>(p + (k << 2));
}

/** The i-th double of the block. */
@inline export function real(p: usize, i: usize): f64 {
  return load<f64>(p + (i << 3), 256);
}

/** Product of all sizes but the innermost. */
export function rowCount(p: usize): i32 {
  const last = load<i32>(p, 16) - 1;
  let rows = 1;
  for (let d = 0; d < last; d++) rows *= load<i32>(p + (<usize>d << 2), 32);
  return rows;
}

/** Moves `operands` addresses from one row to the next; `wide` has a bit for each operand of 4-byte elements. */
export function nextRow(p: usize, operands: usize, wide: u32): void {
  for (let d = load<i32>(p, 16) - 2; d >= 0; d--) {
    const at = p + (<usize>d << 2);
    const size = load<i32>(at, 32);
    const count = load<i32>(at, 192) + 1;
    const wraps = count == size;
    for (let k: usize = 0; k < operands; k++) {
      const stride = load<i32>(at + (k << 5), 64) * (wraps ? 1 - size : 1);
      store<u32>(p + (k << 2), load<u32>(p + (k << 2)) + (stride << (((wide >> <u32>k) & 1) << 1)));
    }
    store<i32>(at, wraps ? 0 : count, 192);
    if (!wraps) return;
  }
}
