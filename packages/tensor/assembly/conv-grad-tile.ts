/**
 * The innermost loop of a convolution's gradient of the weight: dot products of up to 6 filters' gradients with what 2 taps
 * multiply, over runs of 4 pixels. Each sum is a vector of four partial sums; registers are shared out as in gemm-tile.ts.
 */
import { multiplyAdd } from './multiply-add';

/**
 * Adds the products of some runs to 12 sums at `to`: two taps of a row, rows one behind the other. `panel` holds `rows`
 * vectors a run; the runs lie at x0 and x1, moved by their places. Not inlined, since it is called from two places: inside of
 * another loop the sums would not stay in registers.
 */
export function sumPair(rows: usize, runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  switch (rows) {
    case 1: return sumPair1(runs, panel, places, x0, x1, to);
    case 2: return sumPair2(runs, panel, places, x0, x1, to);
    case 3: return sumPair3(runs, panel, places, x0, x1, to);
    case 4: return sumPair4(runs, panel, places, x0, x1, to);
    case 5: return sumPair5(runs, panel, places, x0, x1, to);
    default: return sumPair6(runs, panel, places, x0, x1, to);
  }
}

function sumPair1(runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  sumPairOf(1, runs, panel, places, x0, x1, to);
}

function sumPair2(runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  sumPairOf(2, runs, panel, places, x0, x1, to);
}

function sumPair3(runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  sumPairOf(3, runs, panel, places, x0, x1, to);
}

function sumPair4(runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  sumPairOf(4, runs, panel, places, x0, x1, to);
}

function sumPair5(runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  sumPairOf(5, runs, panel, places, x0, x1, to);
}

function sumPair6(runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  sumPairOf(6, runs, panel, places, x0, x1, to);
}

/** Inlined with a constant `rows`, so that the compiler drops the rows that are not there. */
@inline
function sumPairOf(rows: usize, runs: usize, panel: usize, places: usize, x0: usize, x1: usize, to: usize): void {
  let s00 = v128.load(to), s01 = v128.load(to, 16);
  let s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  if (rows > 1) { s10 = v128.load(to, 32); s11 = v128.load(to, 48); }
  if (rows > 2) { s20 = v128.load(to, 64); s21 = v128.load(to, 80); }
  if (rows > 3) { s30 = v128.load(to, 96); s31 = v128.load(to, 112); }
  if (rows > 4) { s40 = v128.load(to, 128); s41 = v128.load(to, 144); }
  if (rows > 5) { s50 = v128.load(to, 160); s51 = v128.load(to, 176); }
  for (; runs != 0; runs--) {
    const place: usize = load<u32>(places);
    const b0 = v128.load(x0 + place), b1 = v128.load(x1 + place);
    let g = v128.load(panel);
    s00 = multiplyAdd(g, b0, s00); s01 = multiplyAdd(g, b1, s01);
    if (rows > 1) { g = v128.load(panel, 16); s10 = multiplyAdd(g, b0, s10); s11 = multiplyAdd(g, b1, s11); }
    if (rows > 2) { g = v128.load(panel, 32); s20 = multiplyAdd(g, b0, s20); s21 = multiplyAdd(g, b1, s21); }
    if (rows > 3) { g = v128.load(panel, 48); s30 = multiplyAdd(g, b0, s30); s31 = multiplyAdd(g, b1, s31); }
    if (rows > 4) { g = v128.load(panel, 64); s40 = multiplyAdd(g, b0, s40); s41 = multiplyAdd(g, b1, s41); }
    if (rows > 5) { g = v128.load(panel, 80); s50 = multiplyAdd(g, b0, s50); s51 = multiplyAdd(g, b1, s51); }
    panel += rows << 4;
    places += 4;
  }
  v128.store(to, s00); v128.store(to, s01, 16);
  if (rows > 1) { v128.store(to, s10, 32); v128.store(to, s11, 48); }
  if (rows > 2) { v128.store(to, s20, 64); v128.store(to, s21, 80); }
  if (rows > 3) { v128.store(to, s30, 96); v128.store(to, s31, 112); }
  if (rows > 4) { v128.store(to, s40, 128); v128.store(to, s41, 144); }
  if (rows > 5) { v128.store(to, s50, 160); v128.store(to, s51, 176); }
}
