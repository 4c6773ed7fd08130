/** Attention row by row; the block's words and doubles are those of assembly/attention-tile.ts and attention-grad.ts. */
import { philox4x32 } from '../../random/philox.ts';
import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** Calls `visit` for each query of each batch and head. */
function forEachQuery({ u32 }: HeapView, p: number, visit: (n: number, h: number, i: number) => void): void {
  const [N, H, L] = u32.subarray((p >>> 2) + 6, (p >>> 2) + 9);
  for (let n = 0; n < N; n++) for (let h = 0; h < H; h++) for (let i = 0; i < L; i++) visit(n, h, i);
}

/** Element index of a row of an operand; its strides stand at the word `strides`. */
function rowOf({ u32, shift }: HeapView, p: number, operand: number, strides: number, place: number[]): number {
  const w = p >>> 2;
  return place.reduce((at, index, d) => at + index * u32[w + strides + d], u32[w + operand] >>> shift);
}

const at = (heap: HeapView, p: number, word: number): number => heap.u32[(p >>> 2) + word];
const real = (heap: HeapView, p: number, i: number): number => heap.f64[((p + 256) >>> 3) + i];

function dot({ x }: HeapView, a: number, b: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += x[a + i] * x[b + i];
  return sum;
}

/** Scores of one query: −∞ for what it may not see. */
function scoresOf(heap: HeapView, p: number, n: number, h: number, i: number): number[] {
  const keyHead = Math.floor(h / at(heap, p, 12));
  const q = rowOf(heap, p, 0, 13, [n, h, i]);
  return Array.from({ length: at(heap, p, 9) }, (_, j) => {
    if (at(heap, p, 30) !== 0 && j > i) return -Infinity;
    const score = real(heap, p, 0) * dot(heap, q, rowOf(heap, p, 1, 16, [n, keyHead, j]), at(heap, p, 10));
    const mask = [n, h, i, j].reduce((sum, index, d) => sum + index * at(heap, p, 25 + d), 0);
    const kind = at(heap, p, 29);
    if (kind === 0) return score;
    if (kind === 1) return heap.u8[at(heap, p, 5) + mask] !== 0 ? score : -Infinity;
    return score + heap.x[(at(heap, p, 5) >>> heap.shift) + mask];
  });
}

const four = new Uint32Array(4);

/** What dropping multiplies each weight of a query by. */
function keptOf(heap: HeapView, p: number, n: number, h: number, i: number): number[] {
  const threshold = at(heap, p, 33);
  return Array.from({ length: at(heap, p, 9) }, (_, j) => {
    if (threshold === 0) return 1;
    if (j % 4 === 0) philox4x32(j >> 2, i, n * at(heap, p, 7) + h, 0, at(heap, p, 31), at(heap, p, 32), four);
    return four[j % 4] >= threshold ? real(heap, p, 1) : 0;
  });
}

export const attention: ReferenceKernel = (heap, p) => {
  forEachQuery(heap, p, (n, h, i) => {
    const scores = scoresOf(heap, p, n, h, i);
    const kept = keptOf(heap, p, n, h, i);
    const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    const shift = largest === -Infinity ? 0 : largest;
    const weights = scores.map((score) => Math.exp(score - shift));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const out = rowOf(heap, p, 3, 22, [n, h, i]);
    for (let c = 0; c < at(heap, p, 11); c++) {
      const v = (j: number): number => heap.x[rowOf(heap, p, 2, 19, [n, Math.floor(h / at(heap, p, 12)), j]) + c];
      const sum = weights.reduce((s, weight, j) => s + weight * kept[j] * v(j), 0);
      heap.x[out + c] = total === 0 ? 0 : sum / total;
    }
    const own = 2 * queryIndex(heap, p, n, h, i);
    heap.x.set([largest, total === 0 ? 0 : 1 / total], (at(heap, p, 4) >>> heap.shift) + own);
  });
};

export const attentionGrad: ReferenceKernel = (heap, p) => {
  const { x } = heap;
  const [width, e, scale] = [at(heap, p, 11), at(heap, p, 10), real(heap, p, 0)];
  clearRows(heap, p, 38, 39, [at(heap, p, 6), at(heap, p, 7), at(heap, p, 8)], e);
  const keyHeads = at(heap, p, 7) / at(heap, p, 12);
  clearRows(heap, p, 42, 43, [at(heap, p, 6), keyHeads, at(heap, p, 9)], e);
  clearRows(heap, p, 46, 56, [at(heap, p, 6), keyHeads, at(heap, p, 9)], width);
  forEachQuery(heap, p, (n, h, i) => {
    const keyHead = Math.floor(h / at(heap, p, 12));
    const own = (at(heap, p, 4) >>> heap.shift) + 2 * queryIndex(heap, p, n, h, i);
    const [largest, inverse] = [x[own], x[own + 1]];
    const weights = scoresOf(heap, p, n, h, i).map(
      (s) => Math.exp(s - (largest === -Infinity ? 0 : largest)) * inverse,
    );
    const kept = keptOf(heap, p, n, h, i);
    const grad = rowOf(heap, p, 34, 35, [n, h, i]);
    const mean = dot(heap, grad, rowOf(heap, p, 3, 22, [n, h, i]), width);
    const [q, dq] = [rowOf(heap, p, 0, 13, [n, h, i]), rowOf(heap, p, 38, 39, [n, h, i])];
    weights.forEach((weight, j) => {
      const place = [n, keyHead, j];
      const dv = rowOf(heap, p, 46, 56, place);
      for (let c = 0; c < width; c++) x[dv + c] += weight * kept[j] * x[grad + c];
      const slope = scale * weight * (kept[j] * dot(heap, grad, rowOf(heap, p, 2, 19, place), width) - mean);
      const [k, dk] = [rowOf(heap, p, 1, 16, place), rowOf(heap, p, 42, 43, place)];
      for (let c = 0; c < e; c++) {
        x[dq + c] += slope * x[k + c];
        x[dk + c] += slope * x[q + c];
      }
    });
  });
};

function clearRows(heap: HeapView, p: number, operand: number, strides: number, sizes: number[], width: number): void {
  const [N, H, rows] = sizes;
  for (let n = 0; n < N; n++) {
    for (let h = 0; h < H; h++) {
      for (let i = 0; i < rows; i++) {
        const start = rowOf(heap, p, operand, strides, [n, h, i]);
        heap.x.fill(0, start, start + width);
      }
    }
  }
}

/** Place of a query in a row-major [N, H, L]. */
function queryIndex(heap: HeapView, p: number, n: number, h: number, i: number): number {
  return (n * at(heap, p, 7) + h) * at(heap, p, 8) + i;
}
