// Gradient of row-norm.ts. Block words: 0 x, 1 dy, 2 weight or 0, 3 dx or 0, 4 moments, 5 rows, 6 groups, 7 parts,
// 8 inner, 9 whether the mean is taken off, 10 dweight or 0, 11 dbias or 0.
import { elementAt, inverseOfRow, meanOfRow } from './row-norm-block';
import { weightColumns, weightPart } from './row-norm-weights';
import { gradRun, plainSum, productSum, sumsRun } from './runs';

/** With g = dy·weight: dx = (g − mean of g − x̂·mean of g·x̂)/√(var + eps), x̂ the normalised x. */
export function rowNormGrad(p: usize): void {
  const rows = load<i32>(p, 20), groups = load<i32>(p, 24), parts = load<i32>(p, 28), inner = load<i32>(p, 32);
  const rowBytes = <usize>(parts * inner) << 2;
  let x = <usize>load<u32>(p), dy = <usize>load<u32>(p, 4), dx = <usize>load<u32>(p, 12);
  if (dx != 0) {
    for (let row = 0; row < rows; row++, x += rowBytes, dy += rowBytes, dx += rowBytes) {
      const first = (row % groups) * parts;
      if (inner == 1 && load<u32>(p, 8) != 0) gradElements(p, row, dx, dy, x, first, parts);
      else gradParts(p, row, dx, dy, x, first, parts, inner);
    }
  }
  if (load<u32>(p, 40) == 0 && load<u32>(p, 44) == 0) return;
  if (inner == 1) weightColumns(p);
  else for (let k = 0; k < groups * parts; k++) weightPart(p, k);
}

/** dx = scale·g + slope·(x − the mean's float32) + shift. */
let slope: f64 = 0;
let shift: f64 = 0;

/** From Σ g and Σ g·(x − the mean's float32) over the n elements of a row. */
function coefficients(p: usize, row: i32, n: i32, plain: f64, products: f64): void {
  const inverse = inverseOfRow(p, row);
  const mean = meanOfRow(p, row), off = mean - <f64><f32>mean;
  slope = (-inverse * inverse * inverse * (products - plain * off)) / n;
  shift = (load<i32>(p, 36) != 0 ? (-inverse * plain) / n : 0) - slope * off;
}

/** A row whose elements each have a weight of their own. */
function gradElements(p: usize, row: i32, dx: usize, dy: usize, x: usize, first: i32, n: i32): void {
  const mean = <f32>meanOfRow(p, row), inverse = <f32>inverseOfRow(p, row);
  const m = f32x4.splat(mean);
  const weight = <usize>load<u32>(p, 8) + (<usize>first << 2);
  const bytes = <usize>n << 2, whole = <usize>(n & ~3) << 2;
  let plain: f64 = 0, products: f64 = 0;
  for (let at: usize = 0; at < whole; ) {
    let s = f32x4.splat(0), t = f32x4.splat(0);
    for (const end = min(whole, at + 1024); at < end; at += 16) {
      const g = f32x4.mul(v128.load(dy + at), v128.load(weight + at));
      s = f32x4.add(s, g);
      t = f32x4.add(t, f32x4.mul(g, f32x4.sub(v128.load(x + at), m)));
    }
    plain += <f64>f32x4.extract_lane(s, 0) + <f64>f32x4.extract_lane(s, 1);
    plain += <f64>f32x4.extract_lane(s, 2) + <f64>f32x4.extract_lane(s, 3);
    products += <f64>f32x4.extract_lane(t, 0) + <f64>f32x4.extract_lane(t, 1);
    products += <f64>f32x4.extract_lane(t, 2) + <f64>f32x4.extract_lane(t, 3);
  }
  for (let at = whole; at < bytes; at += 4) {
    const g = <f64>load<f32>(dy + at) * <f64>load<f32>(weight + at);
    plain += g;
    products += g * <f64>(load<f32>(x + at) - mean);
  }
  coefficients(p, row, n, plain, products);
  const s = f32x4.splat(inverse), k = f32x4.splat(<f32>slope), b = f32x4.splat(<f32>shift);
  for (let at: usize = 0; at < whole; at += 16) {
    const g = f32x4.mul(v128.load(dy + at), v128.load(weight + at));
    const line = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + at), m), k), b);
    v128.store(dx + at, f32x4.add(f32x4.mul(g, s), line));
  }
  for (let at = whole; at < bytes; at += 4) {
    const line = (load<f32>(x + at) - mean) * <f32>slope + <f32>shift;
    store<f32>(dx + at, load<f32>(dy + at) * load<f32>(weight + at) * inverse + line);
  }
}

/** A row of parts that each have one weight; without weights the row is one part. */
function gradParts(
  p: usize, row: i32, dx: usize, dy: usize, x: usize, first: i32, parts: i32, inner: i32,
): void {
  if (load<u32>(p, 8) == 0) {
    inner *= parts;
    parts = 1;
  }
  const mean = <f32>meanOfRow(p, row), inverse = inverseOfRow(p, row);
  let plain: f64 = 0, products: f64 = 0;
  for (let k = 0; k < parts; k++) {
    const at = <usize>(k * inner) << 2, w = elementAt(p, 8, first + k, 1);
    sumsRun(dy + at, x + at, inner, mean);
    plain += w * plainSum;
    products += w * productSum;
  }
  coefficients(p, row, parts * inner, plain, products);
  for (let k = 0; k < parts; k++) {
    const at = <usize>(k * inner) << 2, w = elementAt(p, 8, first + k, 1);
    gradRun(dx + at, dy + at, x + at, inner, mean, <f32>(w * inverse), <f32>slope, <f32>shift);
  }
}
