// Gradients of weight and bias of row-norm.ts: dweight = Σ dy·x̂ and dbias = Σ dy over the rows of a group. The block is
// that of row-norm-grad.ts. Sums run in float32 lanes over short blocks that are added up in float64.
import { inverseOfRow, meanOfRow } from './row-norm-block';
import { plainSum, productSum, sumsRun } from './runs';

const BLOCK = 64;

@inline function storeAt(p: usize, byte: usize, k: i32, value: f64): void {
  const address = <usize>load<u32>(p + byte);
  if (address != 0) store<f32>(address + (<usize>k << 2), <f32>value);
}

/** Element k, where it belongs to a part of several elements in each row. */
export function weightPart(p: usize, k: i32): void {
  const rows = load<i32>(p, 20), groups = load<i32>(p, 24), parts = load<i32>(p, 28), inner = load<i32>(p, 32);
  const rowBytes = <usize>(parts * inner) << 2;
  const partAt = <usize>((k % parts) * inner) << 2;
  let plain: f64 = 0, products: f64 = 0;
  for (let row = k / parts; row < rows; row += groups) {
    const at = <usize>row * rowBytes + partAt, mean = meanOfRow(p, row);
    sumsRun(<usize>load<u32>(p, 4) + at, <usize>load<u32>(p) + at, inner, <f32>mean);
    plain += plainSum;
    products += (productSum - plainSum * (mean - <f64><f32>mean)) * inverseOfRow(p, row);
  }
  storeAt(p, 40, k, products);
  storeAt(p, 44, k, plain);
}

/** All elements, where each row has one element for each. */
export function weightColumns(p: usize): void {
  const groups = load<i32>(p, 24), parts = load<i32>(p, 28);
  for (let g = 0; g < groups; g++) {
    let k = 0;
    for (; k + 8 <= parts; k += 8) eightColumns(p, g, k);
    for (; k < parts; k++) oneColumn(p, g, k);
  }
}

function eightColumns(p: usize, g: i32, k: i32): void {
  const rows = load<i32>(p, 20), groups = load<i32>(p, 24), parts = load<i32>(p, 28);
  const start = <usize>(g * parts + k) << 2, stride = <usize>(groups * parts) << 2;
  let dy = <usize>load<u32>(p, 4) + start, x = <usize>load<u32>(p) + start;
  let a0 = f64x2.splat(0), a1 = f64x2.splat(0), a2 = f64x2.splat(0), a3 = f64x2.splat(0);
  let b0 = f64x2.splat(0), b1 = f64x2.splat(0), b2 = f64x2.splat(0), b3 = f64x2.splat(0);
  for (let row = g; row < rows; ) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), t0 = f32x4.splat(0), t1 = f32x4.splat(0);
    for (const end = min(rows, row + BLOCK * groups); row < end; row += groups) {
      const mean = meanOfRow(p, row), inverse = inverseOfRow(p, row);
      const m = f32x4.splat(<f32>mean), s = f32x4.splat(<f32>inverse);
      const t = f32x4.splat(<f32>((<f64><f32>mean - mean) * inverse));
      const g0 = v128.load(dy), g1 = v128.load(dy, 16);
      s0 = f32x4.add(s0, g0);
      s1 = f32x4.add(s1, g1);
      t0 = f32x4.add(t0, f32x4.mul(g0, f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), m), s), t)));
      t1 = f32x4.add(t1, f32x4.mul(g1, f32x4.add(f32x4.mul(f32x4.sub(v128.load(x, 16), m), s), t)));
      dy += stride;
      x += stride;
    }
    a0 = f64x2.add(a0, lowHalf(s0)), a1 = f64x2.add(a1, highHalf(s0));
    a2 = f64x2.add(a2, lowHalf(s1)), a3 = f64x2.add(a3, highHalf(s1));
    b0 = f64x2.add(b0, lowHalf(t0)), b1 = f64x2.add(b1, highHalf(t0));
    b2 = f64x2.add(b2, lowHalf(t1)), b3 = f64x2.add(b3, highHalf(t1));
  }
  storeEight(p, 44, g * parts + k, a0, a1, a2, a3);
  storeEight(p, 40, g * parts + k, b0, b1, b2, b3);
}

@inline function lowHalf(s: v128): v128 {
  return f64x2.promote_low_f32x4(s);
}

@inline function highHalf(s: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(s, s, 1, 0));
}

@inline function storeEight(p: usize, byte: usize, k: i32, a: v128, b: v128, c: v128, d: v128): void {
  const address = <usize>load<u32>(p + byte);
  if (address == 0) return;
  const at = address + (<usize>k << 2);
  v128.store(at, i64x2.shuffle(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
  v128.store(at, i64x2.shuffle(f32x4.demote_f64x2_zero(c), f32x4.demote_f64x2_zero(d), 0, 2), 16);
}

function oneColumn(p: usize, g: i32, k: i32): void {
  const rows = load<i32>(p, 20), groups = load<i32>(p, 24), parts = load<i32>(p, 28);
  const start = <usize>(g * parts + k) << 2, stride = <usize>(groups * parts) << 2;
  let dy = <usize>load<u32>(p, 4) + start, x = <usize>load<u32>(p) + start;
  let plain: f64 = 0, products: f64 = 0;
  for (let row = g; row < rows; row += groups, dy += stride, x += stride) {
    const grad = <f64>load<f32>(dy);
    plain += grad;
    products += grad * (<f64>load<f32>(x) - meanOfRow(p, row)) * inverseOfRow(p, row);
  }
  storeAt(p, 40, g * parts + k, products);
  storeAt(p, 44, g * parts + k, plain);
}
