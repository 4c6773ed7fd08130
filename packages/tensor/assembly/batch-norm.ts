// Batch normalisation of x: [N, C, inner] with statistics for each channel. Block words: 0 x, 1 y, 2 weight or 0,
// 3 bias or 0, 4 moments (float64: C means, C biased variances), 5 N, 6 C, 7 inner, 8 phases (1: measure the moments,
// 2: apply them); double 0: eps.
import { APPLY, elementOf, inverseOf, MEASURE, meanOf, storeMoments } from './batch-norm-block';
import { measureColumns, scaleColumns } from './batch-norm-columns';
import { scaleRun, squaresRun, sumRow } from './runs';

/** y = (x − mean)/√(var + eps)·weight + bias. */
export function batchNorm(p: usize): void {
  const channels = load<i32>(p, 24), phases = load<i32>(p, 32);
  let c = 0;
  if (load<i32>(p, 28) == 1) {
    for (; c + 4 <= channels; c += 4) {
      if (phases & MEASURE) measureColumns(p, c);
      if (phases & APPLY) scaleColumns(p, c);
    }
  }
  for (; c < channels; c++) {
    if (phases & MEASURE) measureChannel(p, c);
    if (phases & APPLY) scaleChannel(p, c);
  }
}

function measureChannel(p: usize, c: i32): void {
  const images = load<i32>(p, 20), channels = load<i32>(p, 24), inner = load<i32>(p, 28);
  const imageBytes = <usize>(channels * inner) << 2;
  const first = <usize>load<u32>(p) + (<usize>(c * inner) << 2);
  const count = <f64>images * <f64>inner;
  let total: f64 = 0;
  for (let n = 0, at = first; n < images; n++, at += imageBytes) total += sumRow(at, inner);
  const mean = total / count;
  const m = <f32>mean;
  let squares: f64 = 0;
  for (let n = 0, at = first; n < images; n++, at += imageBytes) squares += squaresRun(at, inner, m);
  storeMoments(p, c, mean, squares / count);
}

function scaleChannel(p: usize, c: i32): void {
  const images = load<i32>(p, 20), channels = load<i32>(p, 24), inner = load<i32>(p, 28);
  const imageBytes = <usize>(channels * inner) << 2;
  const mean = meanOf(p, c), m = <f32>mean;
  const scale = elementOf(p, 8, c, 1) * inverseOf(p, c);
  const shift = elementOf(p, 12, c, 0) - (mean - <f64>m) * scale;
  const start = <usize>(c * inner) << 2;
  let x = <usize>load<u32>(p) + start, y = <usize>load<u32>(p, 4) + start;
  for (let n = 0; n < images; n++, x += imageBytes, y += imageBytes) {
    scaleRun(y, x, inner, m, <f32>scale, <f32>shift);
  }
}
