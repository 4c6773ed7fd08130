import type { ReferenceKernel } from './heap-view.ts';

const ADD = 1;
const BIAS = 2;

/** C = start + A·B for each of a batch; the words are those of assembly/gemm.ts. */
export const gemm: ReferenceKernel = ({ x, shift, u32 }, p) => {
  const [a, b, c, m, n, k, aRow, aColumn, bRow, bColumn, cRow, mode, bias, batch, aBatch, bBatch, cBatch] =
    u32.subarray(p >>> 2, (p >>> 2) + 17);
  for (let item = 0; item < batch; item++) {
    const aStart = (a >>> shift) + item * aBatch;
    const bStart = (b >>> shift) + item * bBatch;
    const cStart = (c >>> shift) + item * cBatch;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const at = cStart + i * cRow + j;
        let sum = mode === ADD ? x[at] : mode === BIAS ? x[(bias >>> shift) + j] : 0;
        for (let q = 0; q < k; q++) sum += x[aStart + i * aRow + q * aColumn] * x[bStart + q * bRow + j * bColumn];
        x[at] = sum;
      }
    }
  }
};
