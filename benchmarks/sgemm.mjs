// GFLOP/s of the GEMM kernel on one thread: square products, and those of an MLP 784-512-512-10 in training.
// Prints a JSON line each; fractionOfPeak is against the fastest fused multiply-adds in registers.
import { openKernels, operands, peakGflops, VARIANTS } from './kernel-binary.mjs';

/** [what, layout of A and B ('n' as is, 't' transposed), m, n, k] */
const products = [
  ...[64, 128, 192, 256, 384, 512, 1024].map((size) => ['square', 'nn', size, size, size]),
  ...['nt', 'tn', 'tt'].map((layout) => ['square', layout, 512, 512, 512]),
  ...[32, 128].flatMap((batch) => [
    ['forward', 'nt', batch, 512, 784],
    ['weight gradient', 'tn', 512, 784, batch],
    ['input gradient', 'nn', batch, 784, 512],
    ['forward, 10 classes', 'nt', batch, 10, 512],
    ['weight gradient, 10 classes', 'tn', 10, 512, batch],
    ['input gradient, 10 classes', 'nn', batch, 512, 10],
  ]),
  ['vector · matrix', 'nn', 1, 1024, 1024],
  ['matrix · vector', 'nn', 1024, 1, 1024],
];

const peak = await peakGflops();
console.log(JSON.stringify({ kernel: 'peak', gflops: Number(peak.toFixed(1)), fractionOfPeak: 1 }));

for (const variant of VARIANTS) {
  const run = openKernels(variant);
  for (const [what, layout, m, n, k] of products) {
    const [a, b, c] = operands(m * k, k * n, m * n);
    const strides = [...(layout[0] === 'n' ? [k, 1] : [1, m]), ...(layout[1] === 'n' ? [n, 1] : [1, k])];
    const seconds = run('gemm', [a, b, c, m, n, k, ...strides, n, 0, 0, 1]);
    const gflops = (2 * m * n * k) / seconds / 1e9;
    const rounded = { gflops: Number(gflops.toFixed(1)), fractionOfPeak: Number((gflops / peak).toFixed(3)) };
    console.log(JSON.stringify({ kernel: 'gemm', variant, what, layout, m, n, k, ...rounded }));
  }
}
