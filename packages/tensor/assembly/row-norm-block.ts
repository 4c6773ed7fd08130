// What the block of row-norm.ts and row-norm-grad.ts says of a row, and of an element of its vectors.

@inline export function meanOfRow(p: usize, row: i32): f64 {
  return load<f64>(<usize>load<u32>(p, 16) + (<usize>row << 3));
}

/** 1/√(var + eps). */
@inline export function inverseOfRow(p: usize, row: i32): f64 {
  return load<f64>(<usize>load<u32>(p, 16) + (<usize>(load<i32>(p, 20) + row) << 3));
}

/** Element k of the vector whose address stands at a byte of the block, or `otherwise` if there is none. */
@inline export function elementAt(p: usize, byte: usize, k: i32, otherwise: f64): f64 {
  const address = <usize>load<u32>(p + byte);
  return address == 0 ? otherwise : <f64>load<f32>(address + (<usize>k << 2));
}
