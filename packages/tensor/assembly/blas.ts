/**
 * Large products go to the system's BLAS, where the host has found one (src/kernels/blas.ts): its vectors are wider than
 * WebAssembly's. Row-major C = A·B or C + A·B, A and B as they are or transposed.
 */
import { zeros } from './scratch';

/** cblas_sgemm on addresses in this memory; leading dimensions in elements. False: there is no BLAS after all. */
@external("env", "sgemm")
declare function sgemm(
  transposeA: bool, transposeB: bool, m: usize, n: usize, k: usize, a: usize, lda: usize, b: usize, ldb: usize,
  accumulate: bool, c: usize, ldc: usize,
): bool;

/** Products with fewer multiplications than this stay here: the call costs about as much as they do. */
let smallest: u64 = 0;

/** Lets products of at least so many multiplications go to BLAS; 0 lets none. */
export function setBlas(products: f64): void {
  smallest = <u64>products;
}

/** Does what `multiply` does and says so, or leaves it: for small products, and strides that BLAS has no name for. */
export function multiplyByBlas(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize,
): bool {
  if (smallest == 0 || <u64>m * n * k < smallest || m < 2 || n < 2) return false;
  const plainA = aColumn == 4 && aRow >= k << 2, plainB = bColumn == 4 && bRow >= n << 2;
  if (!plainA && !(aRow == 4 && aColumn >= m << 2)) return false;
  if (!plainB && !(bRow == 4 && bColumn >= k << 2)) return false;
  const starts = init != zeros();
  if (starts && init != c) copyInit(m, n, init, initRow, initColumn, c, cRow);
  return sgemm(
    !plainA, !plainB, m, n, k, a, (plainA ? aRow : aColumn) >> 2, b, (plainB ? bRow : bColumn) >> 2, starts, c, cRow >> 2,
  );
}

/** init[i, j] lies at init + i·initRow + j·initColumn, where initColumn is 4, or 0 for a row of equal values. */
function copyInit(m: usize, n: usize, init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize): void {
  for (let i: usize = 0; i < m; i++) {
    let to = c, from = init;
    for (const end = c + ((n & ~3) << 2); to < end; to += 16) {
      v128.store(to, v128.load(from));
      from += initColumn << 2;
    }
    for (const end = c + (n << 2); to < end; to += 4) {
      store<f32>(to, load<f32>(from));
      from += initColumn;
    }
    init += initRow;
    c += cRow;
  }
}
