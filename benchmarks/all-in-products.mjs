// GFLOP/s of square products as a program sees them: a.matmul(b) in a step, with all that JavaScript does around the
// kernel, beside the peak of 128-bit vectors and the bare call of the BLAS in use. Prints a JSON line each.
//   node benchmarks/all-in-products.mjs
import { kernelBackend, randn, step } from '@gradwire/tensor';
import { bareSgemm } from './bare-blas.mjs';
import { bestSeconds, peakGflops } from './kernel-binary.mjs';

const rounded = (value, digits) => Number(value.toFixed(digits));
const peak = await peakGflops();
const sgemm = bareSgemm();

for (const n of [64, 128, 256, 512, 1024]) {
  const [a, b] = [randn([n, n]), randn([n, n])];
  const gflops = (call) => (2 * n ** 3) / bestSeconds(call) / 1e9;
  const allIn = gflops(() => step(() => void a.matmul(b)));
  const figures = { gflops: rounded(allIn, 1), fractionOfPeak: rounded(allIn / peak, 3) };
  const bare = sgemm && { bareBlasGflops: rounded(gflops(sgemm(n)), 1) };
  console.log(JSON.stringify({ product: n, backend: kernelBackend(), ...figures, ...bare }));
}
