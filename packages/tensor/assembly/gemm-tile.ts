/**
 * The innermost loop of GEMM: a tile of C, up to 6 rows by 8 columns, kept in registers while k products are added to it.
 * A comes as a panel of `rows` values a step (packed, or a transposed matrix as it lies), B as 8 columns a step.
 * V8 has 15 vector registers: 12 sums, 2 of B and 1 of A fill them exactly. Multiply and add apart need one register
 * more, so the strict binary stops at 5 rows: a sixth would spill and run at 70 % of the speed.
 */
import { multiplyAdd } from './multiply-add';

export const TILE_COLUMNS: usize = 8;
export const TILE_ROWS_MAX: usize = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Rows of the next tile when `rows` rows are left: they are dealt out evenly, so that no tile is left thin. */
@inline
export function nextTileRows(rows: usize): usize {
  const tiles = (rows + TILE_ROWS_MAX - 1) / TILE_ROWS_MAX;
  return (rows + tiles - 1) / tiles;
}

/**
 * c[i, j] = init[i, j] + Σₚ a[p, i]·b[p, j]; steps are in bytes: of a and b from p to p + 1, of init and c from row to row.
 * `rows` is 1 to TILE_ROWS_MAX.
 */
export function tile(
  rows: usize, k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  switch (rows) {
    case 1: return tileOf1(k, a, aStep, b, bStep, init, initStep, c, cStep);
    case 2: return tileOf2(k, a, aStep, b, bStep, init, initStep, c, cStep);
    case 3: return tileOf3(k, a, aStep, b, bStep, init, initStep, c, cStep);
    case 4: return tileOf4(k, a, aStep, b, bStep, init, initStep, c, cStep);
    case 5: return tileOf5(k, a, aStep, b, bStep, init, initStep, c, cStep);
    default: return tileOf6(k, a, aStep, b, bStep, init, initStep, c, cStep);
  }
}

function tileOf1(
  k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  tileOf(1, k, a, aStep, b, bStep, init, initStep, c, cStep);
}

function tileOf2(
  k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  tileOf(2, k, a, aStep, b, bStep, init, initStep, c, cStep);
}

function tileOf3(
  k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  tileOf(3, k, a, aStep, b, bStep, init, initStep, c, cStep);
}

function tileOf4(
  k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  tileOf(4, k, a, aStep, b, bStep, init, initStep, c, cStep);
}

function tileOf5(
  k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  tileOf(5, k, a, aStep, b, bStep, init, initStep, c, cStep);
}

function tileOf6(
  k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  tileOf(6, k, a, aStep, b, bStep, init, initStep, c, cStep);
}

/** Inlined with a constant `rows`, so that the compiler drops the rows that are not there. */
@inline
function tileOf(
  rows: usize, k: usize, a: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, initStep: usize, c: usize, cStep: usize,
): void {
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  let c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (rows > 1) { init += initStep; c10 = v128.load(init); c11 = v128.load(init, 16); }
  if (rows > 2) { init += initStep; c20 = v128.load(init); c21 = v128.load(init, 16); }
  if (rows > 3) { init += initStep; c30 = v128.load(init); c31 = v128.load(init, 16); }
  if (rows > 4) { init += initStep; c40 = v128.load(init); c41 = v128.load(init, 16); }
  if (rows > 5) { init += initStep; c50 = v128.load(init); c51 = v128.load(init, 16); }
  for (; k != 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
    if (rows > 1) { x = v128.load32_splat(a, 4); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11); }
    if (rows > 2) { x = v128.load32_splat(a, 8); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21); }
    if (rows > 3) { x = v128.load32_splat(a, 12); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31); }
    if (rows > 4) { x = v128.load32_splat(a, 16); c40 = multiplyAdd(x, b0, c40); c41 = multiplyAdd(x, b1, c41); }
    if (rows > 5) { x = v128.load32_splat(a, 20); c50 = multiplyAdd(x, b0, c50); c51 = multiplyAdd(x, b1, c51); }
    a += aStep;
    b += bStep;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  if (rows > 1) { c += cStep; v128.store(c, c10); v128.store(c, c11, 16); }
  if (rows > 2) { c += cStep; v128.store(c, c20); v128.store(c, c21, 16); }
  if (rows > 3) { c += cStep; v128.store(c, c30); v128.store(c, c31, 16); }
  if (rows > 4) { c += cStep; v128.store(c, c40); v128.store(c, c41, 16); }
  if (rows > 5) { c += cStep; v128.store(c, c50); v128.store(c, c51, 16); }
}
