/**
 * Copies matrices into panels, the order in which tiles read them. A panel of A holds, step by step, its rows' values;
 * a panel of B its 8 columns' values, with zeros where the matrix has ended. Strides are in bytes.
 */
import { nextTileRows, TILE_COLUMNS } from './gemm-tile';

/** Packs A [m, k] into m·k floats at `to`, panel after panel; the panels' heights follow nextTileRows. */
export function packA(a: usize, rowStride: usize, columnStride: usize, m: usize, k: usize, to: usize): void {
  while (m != 0) {
    const rows = nextTileRows(m);
    packPanelA(a, rowStride, columnStride, rows, k, to);
    a += rows * rowStride;
    to += (rows * k) << 2;
    m -= rows;
  }
}

function packPanelA(a: usize, rowStride: usize, columnStride: usize, rows: usize, k: usize, to: usize): void {
  const step: usize = rows << 2;
  let row: usize = 0;
  for (; row + 4 <= rows; row += 4) {
    if (rowStride == 4) copyColumns4(a + row * 4, columnStride, k, to + row * 4, step);
    else if (columnStride == 4) transpose4(a + row * rowStride, rowStride, k, to + row * 4, step);
    else copyStrided4(a + row * rowStride, rowStride, columnStride, k, to + row * 4, step);
  }
  for (; row < rows; row++) copyRow(a + row * rowStride, columnStride, k, to + row * 4, step);
}

/** Packs B [k, n] into ceil(n / 8) panels of 8·k floats at `to`. */
export function packB(b: usize, rowStride: usize, columnStride: usize, k: usize, n: usize, to: usize): void {
  const step: usize = TILE_COLUMNS << 2;
  for (; n >= TILE_COLUMNS; n -= TILE_COLUMNS) {
    const right = b + 4 * columnStride;
    if (columnStride == 4) {
      copyColumns8(b, rowStride, k, to);
    } else if (rowStride == 4) {
      transpose4(b, columnStride, k, to, step);
      transpose4(right, columnStride, k, to + 16, step);
    } else {
      copyStrided4(b, columnStride, rowStride, k, to, step);
      copyStrided4(right, columnStride, rowStride, k, to + 16, step);
    }
    b += TILE_COLUMNS * columnStride;
    to += k * step;
  }
  if (n != 0) packLastPanelB(b, rowStride, columnStride, k, n, to);
}

function packLastPanelB(b: usize, rowStride: usize, columnStride: usize, k: usize, n: usize, to: usize): void {
  const step: usize = TILE_COLUMNS << 2;
  for (let column: usize = 0; column < TILE_COLUMNS; column++) {
    if (column < n) copyRow(b + column * columnStride, rowStride, k, to + column * 4, step);
    else for (let p: usize = 0; p < k; p++) store<f32>(to + column * 4 + p * step, 0);
  }
}

function copyColumns8(from: usize, stride: usize, k: usize, to: usize): void {
  for (; k != 0; k--) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += stride;
    to += 32;
  }
}

function copyColumns4(from: usize, stride: usize, k: usize, to: usize, step: usize): void {
  for (; k != 0; k--) {
    v128.store(to, v128.load(from));
    from += stride;
    to += step;
  }
}

/** Writes [r0[p], r1[p], r2[p], r3[p]] at to + p·step, for 4 rows of k contiguous floats. */
function transpose4(from: usize, rowStride: usize, k: usize, to: usize, step: usize): void {
  const from1 = from + rowStride;
  const from2 = from1 + rowStride;
  const from3 = from2 + rowStride;
  let p: usize = 0;
  for (const end: usize = (k & ~3) << 2; p < end; p += 16) {
    const r0 = v128.load(from + p);
    const r1 = v128.load(from1 + p);
    const r2 = v128.load(from2 + p);
    const r3 = v128.load(from3 + p);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
    v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
    to += step << 1;
    v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
    v128.store(to + step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
    to += step << 1;
  }
  copyStrided4(from + p, rowStride, 4, k & 3, to, step);
}

function copyStrided4(from: usize, rowStride: usize, columnStride: usize, k: usize, to: usize, step: usize): void {
  for (; k != 0; k--) {
    store<f32>(to, load<f32>(from));
    store<f32>(to, load<f32>(from + rowStride), 4);
    store<f32>(to, load<f32>(from + 2 * rowStride), 8);
    store<f32>(to, load<f32>(from + 3 * rowStride), 12);
    from += columnStride;
    to += step;
  }
}

function copyRow(from: usize, stride: usize, k: usize, to: usize, step: usize): void {
  for (; k != 0; k--) {
    store<f32>(to, load<f32>(from));
    from += stride;
    to += step;
  }
}
