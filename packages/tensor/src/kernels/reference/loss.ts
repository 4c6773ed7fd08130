import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** Block words as in assembly/loss.ts; skips ignored targets. */
function forEachTarget(heap: HeapView, p: number, visit: (nd: number, picked: number, weight: number) => void): void {
  const [, , target, weights, samples, classes, depth] = heap.u32.subarray(p >>> 2, (p >>> 2) + 7);
  const ignored = heap.i32[(p >>> 2) + 7];
  for (let n = 0; n < samples; n++) {
    for (let d = 0; d < depth; d++) {
      const t = heap.i32[(target >>> 2) + n * depth + d];
      if (t === ignored) continue;
      visit(n * depth + d, (n * classes + t) * depth + d, weights ? heap.x[(weights >>> heap.shift) + t] : 1);
    }
  }
}

export const nll: ReferenceKernel = (heap, p) => {
  const [out, logp, , , samples, , depth, , total] = heap.u32.subarray(p >>> 2, (p >>> 2) + 9);
  const [o, l] = [out >>> heap.shift, logp >>> heap.shift];
  let weightSum = 0;
  heap.x.fill(0, o, o + samples * depth);
  forEachTarget(heap, p, (nd, picked, weight) => {
    weightSum += weight;
    heap.x[o + nd] = -weight * heap.x[l + picked];
  });
  heap.x[total >>> heap.shift] = weightSum;
};

export const nllGrad: ReferenceKernel = (heap, p) => {
  const [out, grad, , , samples, classes, depth] = heap.u32.subarray(p >>> 2, (p >>> 2) + 7);
  const [o, g] = [out >>> heap.shift, grad >>> heap.shift];
  heap.x.fill(0, o, o + samples * classes * depth);
  forEachTarget(heap, p, (nd, picked, weight) => {
    heap.x[o + picked] = -weight * heap.x[g + nd];
  });
};
