/**
 * C = init + A·Bᵀ where the rows of A and of B are contiguous: each element is a dot product, so nothing is packed.
 * A tile is 2 rows of A by 4 rows of B, each of its 8 sums a vector of four partial sums.
 */
import { borderTile } from './scratch';
import { copyBlock } from './gemm-panels';
import { multiplyAdd } from './multiply-add';

/** Columns handled at a time: 2 + 4 rows of them stay in the first-level cache. */
const K_BLOCK: usize = 512;
const TILE_ROWS: usize = 2;
const TILE_COLUMNS: usize = 4;

/** Row steps, and initColumn (from column to column of init), are in bytes. */
export function multiplyRows(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, b: usize, bRow: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize,
): void {
  const first = min(k, K_BLOCK);
  multiplyBlock(m, n, first, a, aRow, b, bRow, init, initRow, initColumn, c, cRow);
  for (let p = first; p < k; p += K_BLOCK) {
    multiplyBlock(m, n, min(k - p, K_BLOCK), a + (p << 2), aRow, b + (p << 2), bRow, c, cRow, 4, c, cRow);
  }
}

function multiplyBlock(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, b: usize, bRow: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize,
): void {
  for (let j: usize = 0; j < n; j += TILE_COLUMNS) {
    const columns = min(n - j, TILE_COLUMNS);
    for (let i: usize = 0; i < m; i += TILE_ROWS) {
      dotTile(
        min(m - i, TILE_ROWS), columns, k, a + i * aRow, aRow, b + j * bRow, bRow,
        init + i * initRow + j * initColumn, initRow, c + i * cRow + (j << 2), cRow,
      );
    }
  }
}

function dotTile(
  rows: usize, columns: usize, k: usize, a: usize, aRow: usize, b: usize, bRow: usize,
  init: usize, initRow: usize, c: usize, cRow: usize,
): void {
  if (rows == TILE_ROWS && columns == TILE_COLUMNS) {
    return dotRows2(k, a, aRow, b, bRow, bRow << 1, bRow * 3, init, initRow, c, cRow);
  }
  const aside = borderTile();
  const asideRow: usize = TILE_COLUMNS << 2;
  copyBlock(rows, columns, init, initRow, aside, asideRow);
  // Columns that are not there repeat the last one: read again, never written.
  const b1 = columns > 1 ? bRow : 0;
  const b2 = columns > 2 ? bRow << 1 : b1;
  const b3 = columns > 3 ? bRow * 3 : b2;
  if (rows == 1) dotRows1(k, a, aRow, b, b1, b2, b3, aside, asideRow, aside, asideRow);
  else dotRows2(k, a, aRow, b, b1, b2, b3, aside, asideRow, aside, asideRow);
  copyBlock(rows, columns, aside, asideRow, c, cRow);
}

function dotRows1(
  k: usize, a: usize, aRow: usize, b: usize, b1: usize, b2: usize, b3: usize,
  init: usize, initRow: usize, c: usize, cRow: usize,
): void {
  dotRows(1, k, a, aRow, b, b1, b2, b3, init, initRow, c, cRow);
}

function dotRows2(
  k: usize, a: usize, aRow: usize, b: usize, b1: usize, b2: usize, b3: usize,
  init: usize, initRow: usize, c: usize, cRow: usize,
): void {
  dotRows(2, k, a, aRow, b, b1, b2, b3, init, initRow, c, cRow);
}

/** b1, b2 and b3 are the distances of the other rows of B from the first. Inlined with a constant `rows`. */
@inline
function dotRows(
  rows: usize, k: usize, a: usize, aRow: usize, b0: usize, b1: usize, b2: usize, b3: usize,
  init: usize, initRow: usize, c: usize, cRow: usize,
): void {
  let a1 = a + aRow;
  b1 += b0;
  b2 += b0;
  b3 += b0;
  let c00 = f32x4.splat(0), c01 = c00, c02 = c00, c03 = c00, c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  let p: usize = 0;
  for (const end: usize = (k & ~3) << 2; p < end; p += 16) {
    const x0 = v128.load(a + p);
    const x1 = rows > 1 ? v128.load(a1 + p) : x0;
    let y = v128.load(b0 + p);
    c00 = multiplyAdd(x0, y, c00); if (rows > 1) c10 = multiplyAdd(x1, y, c10);
    y = v128.load(b1 + p);
    c01 = multiplyAdd(x0, y, c01); if (rows > 1) c11 = multiplyAdd(x1, y, c11);
    y = v128.load(b2 + p);
    c02 = multiplyAdd(x0, y, c02); if (rows > 1) c12 = multiplyAdd(x1, y, c12);
    y = v128.load(b3 + p);
    c03 = multiplyAdd(x0, y, c03); if (rows > 1) c13 = multiplyAdd(x1, y, c13);
  }
  for (const end: usize = k << 2; p < end; p += 4) {
    const x0 = v128.load32_zero(a + p);
    const x1 = rows > 1 ? v128.load32_zero(a1 + p) : x0;
    let y = v128.load32_zero(b0 + p);
    c00 = multiplyAdd(x0, y, c00); if (rows > 1) c10 = multiplyAdd(x1, y, c10);
    y = v128.load32_zero(b1 + p);
    c01 = multiplyAdd(x0, y, c01); if (rows > 1) c11 = multiplyAdd(x1, y, c11);
    y = v128.load32_zero(b2 + p);
    c02 = multiplyAdd(x0, y, c02); if (rows > 1) c12 = multiplyAdd(x1, y, c12);
    y = v128.load32_zero(b3 + p);
    c03 = multiplyAdd(x0, y, c03); if (rows > 1) c13 = multiplyAdd(x1, y, c13);
  }
  v128.store(c, f32x4.add(v128.load(init), sumEach(c00, c01, c02, c03)));
  if (rows > 1) v128.store(c + cRow, f32x4.add(v128.load(init + initRow), sumEach(c10, c11, c12, c13)));
}

/** [Σ a, Σ b, Σ c, Σ d], each over four lanes. */
@inline
export function sumEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}
