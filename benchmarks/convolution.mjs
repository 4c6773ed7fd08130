// GFLOP/s of the convolution kernels on one thread, forward and both gradients. Prints a JSON line each; m, n and k are
// those of the matrix product that a convolution is (filters, output pixels of the batch, products in one of them).
import { openKernels, operands, peakGflops, VARIANTS } from './kernel-binary.mjs';

const layers = [
  { layer: 'LeNet 1', batch: 32, channels: 1, size: 28, filters: 6, kernel: 5, padding: 2 },
  { layer: 'LeNet 1', batch: 128, channels: 1, size: 28, filters: 6, kernel: 5, padding: 2 },
  { layer: 'LeNet 2', batch: 32, channels: 6, size: 14, filters: 16, kernel: 5, padding: 0 },
  { layer: 'LeNet 2', batch: 128, channels: 6, size: 14, filters: 16, kernel: 5, padding: 0 },
  { layer: 'CNN 1', batch: 32, channels: 1, size: 28, filters: 32, kernel: 3, padding: 0 },
  { layer: 'CNN 2', batch: 32, channels: 32, size: 26, filters: 64, kernel: 3, padding: 0 },
  { layer: 'ResNet 3', batch: 32, channels: 3, size: 32, filters: 16, kernel: 3, padding: 1 },
  { layer: 'ResNet 16', batch: 32, channels: 16, size: 32, filters: 16, kernel: 3, padding: 1 },
  { layer: 'ResNet 16 to 32', batch: 32, channels: 16, size: 32, filters: 32, kernel: 3, padding: 1, stride: 2 },
  { layer: 'ResNet 16 to 32 1×1', batch: 32, channels: 16, size: 32, filters: 32, kernel: 1, padding: 0, stride: 2 },
  { layer: 'ResNet 32', batch: 32, channels: 32, size: 16, filters: 32, kernel: 3, padding: 1 },
  { layer: 'ResNet 64', batch: 32, channels: 64, size: 8, filters: 64, kernel: 3, padding: 1 },
  { layer: '64 channels', batch: 8, channels: 64, size: 32, filters: 64, kernel: 3, padding: 1 },
  { layer: '64 channels 1×1', batch: 8, channels: 64, size: 32, filters: 64, kernel: 1, padding: 0 },
];

const peak = await peakGflops();
console.log(JSON.stringify({ kernel: 'peak', gflops: Number(peak.toFixed(1)), fractionOfPeak: 1 }));

for (const variant of VARIANTS) {
  const run = openKernels(variant);
  for (const { layer, batch, channels, size, filters, kernel, padding, stride = 1 } of layers) {
    const outSize = Math.floor((size + 2 * padding - kernel) / stride) + 1;
    const [m, n, k] = [filters, batch * outSize * outSize, channels * kernel * kernel];
    const addresses = operands(batch * channels * size * size, m * k, filters, m * n);
    const geometry = [batch, channels, size, size, filters, kernel, kernel, outSize, outSize];
    const windows = [stride, stride, padding, padding, 1, 1, 1];
    for (const name of ['conv2d', 'conv2dGradInput', 'conv2dGradWeight']) {
      const gflops = (2 * m * n * k) / run(name, [...addresses, ...geometry, ...windows]) / 1e9;
      const rounded = { gflops: Number(gflops.toFixed(1)), fractionOfPeak: Number((gflops / peak).toFixed(3)) };
      console.log(JSON.stringify({ kernel: name, variant, layer, batch, m, n, k, ...rounded }));
    }
  }
}
