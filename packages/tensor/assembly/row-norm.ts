// Normalisation of the rows of x: [rows, parts, inner], each with statistics of its own: layer, group, instance and
// root-mean-square normalisation. Rows take turns through `groups`, and part k of a row of group g has the element
// g·parts + k of weight and bias. Block words: 0 x, 1 y, 2 weight or 0, 3 bias or 0, 4 moments (float64: rows of means,
// rows of 1/√(var + eps)), 5 rows, 6 groups, 7 parts, 8 inner, 9 whether the mean is taken off; double 0: eps.
import { elementAt, inverseOfRow, meanOfRow } from './row-norm-block';
import { scaleRun, squaresRun, sumRow } from './runs';

/** y = (x − mean)/√(var + eps)·weight + bias; without the mean, x/√(mean of x² + eps)·weight + bias. */
export function rowNorm(p: usize): void {
  const rows = load<i32>(p, 20), groups = load<i32>(p, 24), parts = load<i32>(p, 28), inner = load<i32>(p, 32);
  const rowBytes = <usize>(parts * inner) << 2;
  let x = <usize>load<u32>(p), y = <usize>load<u32>(p, 4);
  for (let row = 0; row < rows; row++, x += rowBytes, y += rowBytes) {
    measureRow(p, row, x, parts * inner);
    const first = (row % groups) * parts;
    if (inner == 1) scaleElements(p, row, y, x, first, parts);
    else scaleParts(p, row, y, x, first, parts, inner);
  }
}

function measureRow(p: usize, row: i32, x: usize, n: i32): void {
  const mean = load<i32>(p, 36) != 0 ? sumRow(x, n) / n : 0;
  const off = mean - <f64><f32>mean;
  const variance = max<f64>(squaresRun(x, n, <f32>mean) / n - off * off, 0);
  const at = <usize>load<u32>(p, 16) + (<usize>row << 3);
  store<f64>(at, mean);
  store<f64>(at + (<usize>load<i32>(p, 20) << 3), 1 / sqrt<f64>(variance + load<f64>(p, 256)));
}

/** A row whose elements each have a weight of their own. */
function scaleElements(p: usize, row: i32, y: usize, x: usize, first: i32, n: i32): void {
  const mean = meanOfRow(p, row), inverse = inverseOfRow(p, row);
  const shift = (<f64><f32>mean - mean) * inverse;
  const weight = <usize>load<u32>(p, 8), bias = <usize>load<u32>(p, 12);
  if (weight == 0) return scaleRun(y, x, n, <f32>mean, <f32>inverse, <f32>shift);
  const m = f32x4.splat(<f32>mean), s = f32x4.splat(<f32>inverse), t = f32x4.splat(<f32>shift);
  let w = weight + (<usize>first << 2), b = bias + (<usize>first << 2);
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const unit = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), m), s), t);
    let v = f32x4.mul(unit, v128.load(w));
    if (bias != 0) v = f32x4.add(v, v128.load(b));
    v128.store(y, v);
    x += 16, y += 16, w += 16, b += 16;
  }
  for (; k < n; k++) {
    const unit = (load<f32>(x) - <f32>mean) * <f32>inverse + <f32>shift;
    store<f32>(y, unit * load<f32>(w) + (bias != 0 ? load<f32>(b) : 0));
    x += 4, y += 4, w += 4, b += 4;
  }
}

/** A row of parts that each have one weight. */
function scaleParts(p: usize, row: i32, y: usize, x: usize, first: i32, parts: i32, inner: i32): void {
  const mean = meanOfRow(p, row), inverse = inverseOfRow(p, row);
  const shift = (<f64><f32>mean - mean) * inverse;
  const partBytes = <usize>inner << 2;
  for (let k = first; k < first + parts; k++, x += partBytes, y += partBytes) {
    const w = elementAt(p, 8, k, 1), b = elementAt(p, 12, k, 0);
    scaleRun(y, x, inner, <f32>mean, <f32>(inverse * w), <f32>(b + shift * w));
  }
}
