/** Runs tiles over packed panels. */
import { borderTile } from './scratch';
import { nextTileRows, tile, TILE_COLUMNS } from './gemm-tile';

/**
 * c = init + A·B for A packed by packA and B in panels `bPanelStep` bytes apart, with `bStep` bytes from row to row inside.
 * init[i, j] lies at init + i·initRow + (j rounded down to a panel)·initColumn; all steps are in bytes.
 */
export function multiplyPanels(
  m: usize, n: usize, k: usize, aPanels: usize, b: usize, bStep: usize, bPanelStep: usize,
  init: usize, initRow: usize, initColumn: usize, c: usize, cRow: usize,
): void {
  const aStep: usize = 4;
  while (n != 0) {
    const columns = min(n, TILE_COLUMNS);
    let a = aPanels;
    let rowInit = init;
    let row = c;
    for (let left = m; left != 0; ) {
      const rows = nextTileRows(left);
      if (columns == TILE_COLUMNS) tile(rows, k, a, rows * aStep, b, bStep, rowInit, initRow, row, cRow);
      else narrowTile(rows, columns, k, a, rows * aStep, b, bStep, rowInit, initRow, row, cRow);
      a += (rows * k) << 2;
      rowInit += rows * initRow;
      row += rows * cRow;
      left -= rows;
    }
    b += bPanelStep;
    init += columns * initColumn;
    c += columns << 2;
    n -= columns;
  }
}

/** A tile of less than 8 columns, computed aside so that nothing beyond the matrix is read or written. */
function narrowTile(
  rows: usize, columns: usize, k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initRow: usize, c: usize, cRow: usize,
): void {
  const aside = borderTile();
  const asideRow: usize = TILE_COLUMNS << 2;
  copyBlock(rows, columns, init, initRow, aside, asideRow);
  tile(rows, k, a, aStep, b, bStep, aside, asideRow, aside, asideRow);
  copyBlock(rows, columns, aside, asideRow, c, cRow);
}

/** Copies a block of floats row by row; row steps in bytes. */
export function copyBlock(rows: usize, columns: usize, from: usize, fromRow: usize, to: usize, toRow: usize): void {
  for (; rows != 0; rows--) {
    let j: usize = 0;
    if (columns >= 4) {
      v128.store(to, v128.load(from));
      j = 16;
    }
    for (const end = columns << 2; j < end; j += 4) store<f32>(to + j, load<f32>(from + j));
    from += fromRow;
    to += toRow;
  }
}
