/**
 * The innermost loop of a convolution: a tile of up to 6 filters by 2 runs of 4 pixels, kept in registers while all products
 * are added to it. The runs are read where they lie, at x0 and x1, moved by the offset of each tap; they need not be
 * neighbours. Filters come as a panel of `rows` values a tap. Registers are shared out as in gemm-tile.ts.
 */
import { multiplyAdd } from './multiply-add';

/**
 * y0 and y1 = init + the products of `taps` taps; init has a value for each filter, initStep bytes apart. Not inlined, since
 * it is called from two places: in the loop over runs the sums would not stay in registers.
 */
export function multiplyPair(
  rows: usize, taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  switch (rows) {
    case 1: return pairOf1(taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
    case 2: return pairOf2(taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
    case 3: return pairOf3(taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
    case 4: return pairOf4(taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
    case 5: return pairOf5(taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
    default: return pairOf6(taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
  }
}

function pairOf1(
  taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  pairOf(1, taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
}

function pairOf2(
  taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  pairOf(2, taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
}

function pairOf3(
  taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  pairOf(3, taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
}

function pairOf4(
  taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  pairOf(4, taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
}

function pairOf5(
  taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  pairOf(5, taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
}

function pairOf6(
  taps: usize, panel: usize, offsets: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  pairOf(6, taps, panel, offsets, x0, x1, init, initStep, y0, y1, yStep);
}

/** Inlined with a constant `rows`, so that the compiler drops the rows that are not there. */
@inline
function pairOf(
  rows: usize, taps: usize, a: usize, tap: usize, x0: usize, x1: usize,
  init: usize, initStep: usize, y0: usize, y1: usize, yStep: usize,
): void {
  let c00 = v128.load32_splat(init), c01 = c00;
  let c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (rows > 1) { init += initStep; c10 = v128.load32_splat(init); c11 = c10; }
  if (rows > 2) { init += initStep; c20 = v128.load32_splat(init); c21 = c20; }
  if (rows > 3) { init += initStep; c30 = v128.load32_splat(init); c31 = c30; }
  if (rows > 4) { init += initStep; c40 = v128.load32_splat(init); c41 = c40; }
  if (rows > 5) { init += initStep; c50 = v128.load32_splat(init); c51 = c50; }
  for (; taps != 0; taps--) {
    const offset: usize = load<u32>(tap);
    const b0 = v128.load(x0 + offset), b1 = v128.load(x1 + offset);
    let w = v128.load32_splat(a);
    c00 = multiplyAdd(w, b0, c00); c01 = multiplyAdd(w, b1, c01);
    if (rows > 1) { w = v128.load32_splat(a, 4); c10 = multiplyAdd(w, b0, c10); c11 = multiplyAdd(w, b1, c11); }
    if (rows > 2) { w = v128.load32_splat(a, 8); c20 = multiplyAdd(w, b0, c20); c21 = multiplyAdd(w, b1, c21); }
    if (rows > 3) { w = v128.load32_splat(a, 12); c30 = multiplyAdd(w, b0, c30); c31 = multiplyAdd(w, b1, c31); }
    if (rows > 4) { w = v128.load32_splat(a, 16); c40 = multiplyAdd(w, b0, c40); c41 = multiplyAdd(w, b1, c41); }
    if (rows > 5) { w = v128.load32_splat(a, 20); c50 = multiplyAdd(w, b0, c50); c51 = multiplyAdd(w, b1, c51); }
    a += rows << 2;
    tap += 4;
  }
  v128.store(y0, c00); v128.store(y1, c01);
  if (rows > 1) { y0 += yStep; y1 += yStep; v128.store(y0, c10); v128.store(y1, c11); }
  if (rows > 2) { y0 += yStep; y1 += yStep; v128.store(y0, c20); v128.store(y1, c21); }
  if (rows > 3) { y0 += yStep; y1 += yStep; v128.store(y0, c30); v128.store(y1, c31); }
  if (rows > 4) { y0 += yStep; y1 += yStep; v128.store(y0, c40); v128.store(y1, c41); }
  if (rows > 5) { y0 += yStep; y1 += yStep; v128.store(y0, c50); v128.store(y1, c51); }
}
