import type { ReferenceKernel } from './heap-view.ts';

/** Block words as in assembly/embedding.ts. */
export const embeddingGrad: ReferenceKernel = ({ x, shift, u32, i32 }, p) => {
  const [out, grad, index, count, width, , factors] = u32.subarray(p >>> 2, (p >>> 2) + 7);
  const ignored = i32[(p >>> 2) + 5];
  for (let i = 0; i < count; i++) {
    const row = i32[(index >>> 2) + i];
    if (row === ignored) continue;
    const [to, from] = [(out >>> shift) + row * width, (grad >>> shift) + i * width];
    const factor = factors === 0 ? 1 : x[(factors >>> shift) + i];
    for (let j = 0; j < width; j++) x[to + j] += x[from + j] * factor;
  }
};
