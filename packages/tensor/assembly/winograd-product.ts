/** The products of Winograd's filtering: both factors have the summed dimension in their rows, and are read as they lie. */
import { multiplyByBlas } from './blas';
import { nextTileRows, tile, TILE_COLUMNS } from './gemm-tile';
import { borderTile, zeros } from './scratch';

/**
 * c = Aᵀ·B, or c + Aᵀ·B if `adds`, with a: [k, m], b: [k, n] and c: [m, n]; row steps in bytes; n is a multiple of 8.
 * What is added is summed by itself, from zeros: short sums of short sums are more accurate than long ones.
 */
export function multiplyColumns(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, b: usize, bRow: usize, adds: bool, c: usize, cRow: usize,
): void {
  const init = adds ? c : zeros();
  if (multiplyByBlas(m, n, k, a, 4, aRow, b, bRow, 4, init, cRow, 4, c, cRow)) return;
  for (; n != 0; n -= TILE_COLUMNS) {
    let tileA = a, tileC = c;
    for (let left = m; left != 0; ) {
      const rows = nextTileRows(left);
      if (adds) addTile(rows, k, tileA, aRow, b, bRow, tileC, cRow);
      else tile(rows, k, tileA, aRow, b, bRow, zeros(), 0, tileC, cRow);
      tileA += rows << 2;
      tileC += rows * cRow;
      left -= rows;
    }
    b += TILE_COLUMNS << 2;
    c += TILE_COLUMNS << 2;
  }
}

function addTile(
  rows: usize, k: usize, a: usize, aRow: usize, b: usize, bRow: usize, c: usize, cRow: usize,
): void {
  let sum = borderTile();
  tile(rows, k, a, aRow, b, bRow, zeros(), 0, sum, TILE_COLUMNS << 2);
  for (; rows != 0; rows--) {
    v128.store(c, f32x4.add(v128.load(c), v128.load(sum)));
    v128.store(c, f32x4.add(v128.load(c, 16), v128.load(sum, 16)), 16);
    sum += TILE_COLUMNS << 2;
    c += cRow;
  }
}
