import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** Block words as in assembly/softmax.ts; visits the element indices of each line along the softmax dimension. */
function forEachLine(heap: HeapView, p: number, visit: (out: number[], a: number[], b: number[]) => void): void {
  const [out, a, b, outer, n, inner] = heap.u32.subarray(p >>> 2, (p >>> 2) + 6);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const line = (address: number): number[] =>
        Array.from({ length: n }, (_, k) => (address >>> heap.shift) + (o * n + k) * inner + i);
      visit(line(out), line(a), line(b));
    }
  }
}

function forward(finish: (x: number, most: number, total: number) => number): ReferenceKernel {
  return (heap, p) => {
    forEachLine(heap, p, (out, x) => {
      const values = x.map((at) => heap.x[at]);
      const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
      const most = largest === -Infinity ? 0 : largest;
      const total = values.reduce((sum, value) => sum + Math.exp(value - most), 0);
      values.forEach((value, k) => (heap.x[out[k]] = finish(value, most, total)));
    });
  };
}

export const softmax = forward((x, most, total) => Math.exp(x - most) / total);
export const logSoftmax = forward((x, most, total) => x - most - Math.log(total));

export const softmaxGrad: ReferenceKernel = (heap, p) => {
  forEachLine(heap, p, (out, dy, y) => {
    const total = dy.reduce((sum, at, k) => sum + heap.x[at] * heap.x[y[k]], 0);
    const result = dy.map((at, k) => heap.x[y[k]] * (heap.x[at] - total));
    out.forEach((at, k) => (heap.x[at] = result[k]));
  });
};

export const logSoftmaxGrad: ReferenceKernel = (heap, p) => {
  forEachLine(heap, p, (out, dy, y) => {
    const total = dy.reduce((sum, at) => sum + heap.x[at], 0);
    const result = dy.map((at, k) => heap.x[at] - Math.exp(heap.x[y[k]]) * total);
    out.forEach((at, k) => (heap.x[at] = result[k]));
  });
};
