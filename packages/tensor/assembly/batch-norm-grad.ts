// Gradient of batch normalisation. Block words: 0 x, 1 dy, 2 weight or 0, 3 dx, 4 moments, 5 N, 6 C, 7 inner, 8 phases
// (1: sum, 2: dx), as in batch-norm.ts; 9 sums (float64: C of Σ dy, C of Σ dy·(x − mean)), 10 dweight or 0, 11 dbias
// or 0; doubles: 0 eps, 1 how many elements the moments were measured on (Infinity: they do not depend on x).
import {
  APPLY, gradCoefficients, gradScale, gradShift, gradSlope, MEASURE, meanOf, storeSums,
} from './batch-norm-block';
import { gradColumns, sumColumnGradients } from './batch-norm-columns';
import { gradRun, plainSum, productSum, sumsRun } from './runs';

/** dx = weight/√(var + eps)·(dy − Σdy/count − (x − mean)·Σ(dy·(x − mean))/count/(var + eps)). */
export function batchNormGrad(p: usize): void {
  const channels = load<i32>(p, 24), phases = load<i32>(p, 32);
  let c = 0;
  if (load<i32>(p, 28) == 1) {
    for (; c + 4 <= channels; c += 4) {
      if (phases & MEASURE) sumColumnGradients(p, c);
      if (phases & APPLY) gradColumns(p, c);
    }
  }
  for (; c < channels; c++) {
    if (phases & MEASURE) sumChannel(p, c);
    if (phases & APPLY) gradChannel(p, c);
  }
}

function sumChannel(p: usize, c: i32): void {
  const images = load<i32>(p, 20), channels = load<i32>(p, 24), inner = load<i32>(p, 28);
  const imageBytes = <usize>(channels * inner) << 2;
  const start = <usize>(c * inner) << 2, m = <f32>meanOf(p, c);
  let x = <usize>load<u32>(p) + start, dy = <usize>load<u32>(p, 4) + start;
  let plain: f64 = 0, products: f64 = 0;
  for (let n = 0; n < images; n++, x += imageBytes, dy += imageBytes) {
    sumsRun(dy, x, inner, m);
    plain += plainSum;
    products += productSum;
  }
  storeSums(p, c, plain, products);
}

function gradChannel(p: usize, c: i32): void {
  const images = load<i32>(p, 20), channels = load<i32>(p, 24), inner = load<i32>(p, 28);
  const imageBytes = <usize>(channels * inner) << 2;
  const start = <usize>(c * inner) << 2, m = <f32>meanOf(p, c);
  gradCoefficients(p, c);
  let x = <usize>load<u32>(p) + start, dy = <usize>load<u32>(p, 4) + start, dx = <usize>load<u32>(p, 12) + start;
  for (let n = 0; n < images; n++, x += imageBytes, dy += imageBytes, dx += imageBytes) {
    gradRun(dx, dy, x, inner, m, gradScale, gradSlope, gradShift);
  }
}
