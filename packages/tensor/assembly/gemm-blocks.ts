/**
 * Chooses the road a product takes, by its shape and strides only. A few rows against rows (A·Bᵀ) are dot products; one row
 * is a sum of B's rows; all else goes through tiles, in blocks that fit the caches (Goto & van de Geijn 2008): A packed in
 * blocks [M_BLOCK, K_BLOCK], B in blocks [K_BLOCK, N_BLOCK], unless B can be read as it lies.
 */
import { multiplyByBlas } from './blas';
import { packA, packB } from './gemm-pack';
import { multiplyPanels } from './gemm-panels';
import { multiplyRows } from './gemm-dot';
import { multiplyRow } from './gemm-row';
import { TILE_COLUMNS } from './gemm-tile';

const M_BLOCK: usize = 90;
const N_BLOCK: usize = 480;
const K_BLOCK: usize = 320;
/** Room that multiply asks for: one block of A and one of B. */
export const MULTIPLY_WORK_BYTES: usize = (M_BLOCK * K_BLOCK + N_BLOCK * K_BLOCK) << 2;

/** Dot products pay where packing would not be repaid, and where k is long enough for the sum over four lanes. */
const DOT_ROWS_MAX: usize = 16;
const DOT_K_MIN: usize = 32;
/** Up to so many rows, packing B costs more than reading it in strides. */
const UNPACKED_M_MAX: usize = 32;

/**
 * c = init + A·B, with c: [m, n], a: [m, k], b: [k, n]; strides of A and B, init's and c's row steps in bytes.
 * init[i, j] lies at init + i·initRow + j·initColumn, where initColumn is 4, or 0 for a start from eight zeros.
 * `work` is room for MULTIPLY_WORK_BYTES.
 */
export function multiply(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize, work: usize,
): void {
  if (multiplyByBlas(m, n, k, a, aRow, aColumn, b, bRow, bColumn, init, initRow, initColumn, c, cRow)) return;
  // A column of contiguous results is a row, of the transposed product.
  const isColumn = n == 1 && cRow == 4 && m > 1;
  if (isColumn && aColumn == 4 && bRow == 4 && initRow == initColumn) {
    return multiplyRows(1, m, k, b, 0, a, aRow, init, 0, initRow, c, 0);
  }
  if (aColumn == 4 && bRow == 4 && k >= DOT_K_MIN && min(m, n) <= DOT_ROWS_MAX) {
    return multiplyRows(m, n, k, a, aRow, b, bColumn, init, initRow, initColumn, c, cRow);
  }
  if (m == 1 && bColumn == 4) return multiplyRow(n, k, a, aColumn, b, bRow, init, initColumn, c);
  if (isColumn && aRow == 4) return multiplyRow(m, k, b, bRow, a, aColumn, init, initRow, c);
  multiplyBlocks(m, n, k, a, aRow, aColumn, b, bRow, bColumn, init, initRow, initColumn, c, cRow, work);
}

function multiplyBlocks(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize, work: usize,
): void {
  const kBlocks = max((k + K_BLOCK - 1) / K_BLOCK, 1);
  for (let block: usize = 0, p: usize = 0; block < kBlocks; block++) {
    const count = (k - p) / (kBlocks - block);
    for (let j: usize = 0; j < n; j += N_BLOCK) {
      multiplyBlock(
        m, min(n - j, N_BLOCK), count, a + p * aColumn, aRow, aColumn, b + p * bRow + j * bColumn, bRow, bColumn,
        init + j * initColumn, initRow, initColumn, c + (j << 2), cRow, work,
      );
    }
    p += count;
    init = c;
    initRow = cRow;
    initColumn = 4;
  }
}

function multiplyBlock(
  m: usize, n: usize, k: usize, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize, work: usize,
): void {
  const aPanels = work;
  const bPanels = work + ((M_BLOCK * K_BLOCK) << 2);
  const unpacked = bColumn == 4 && m <= UNPACKED_M_MAX ? n & ~(TILE_COLUMNS - 1) : 0;
  packB(b + (unpacked << 2), bRow, bColumn, k, n - unpacked, bPanels);
  for (let i: usize = 0; i < m; i += M_BLOCK) {
    const rows = min(m - i, M_BLOCK);
    const rowInit = init + i * initRow;
    const row = c + i * cRow;
    packA(a + i * aRow, aRow, aColumn, rows, k, aPanels);
    multiplyPanels(rows, unpacked, k, aPanels, b, bRow, TILE_COLUMNS << 2, rowInit, initRow, initColumn, row, cRow);
    multiplyPanels(
      rows, n - unpacked, k, aPanels, bPanels, TILE_COLUMNS << 2, (TILE_COLUMNS * k) << 2,
      rowInit + unpacked * initColumn, initRow, initColumn, row + (unpacked << 2), cRow,
    );
  }
}
