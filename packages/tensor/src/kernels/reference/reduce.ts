import type { HeapView, ReferenceKernel } from './heap-view.ts';
import { real } from './strided.ts';

/** Block words: 0 out, 1 x, 2 index, 3 outer, 4 n, 5 inner; x: [outer, n, inner]. */
function forEachLine(
  heap: HeapView,
  p: number,
  visit: (line: { out: number; x: number; index: number; n: number; stride: number }) => void,
): void {
  const [out, x, index, outer, n, inner] = heap.u32.subarray(p >>> 2, (p >>> 2) + 6);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const line = o * inner + i;
      visit({
        out: (out >>> heap.shift) + line,
        x: (x >>> heap.shift) + o * n * inner + i,
        index: (index >>> 2) + line,
        n,
        stride: inner,
      });
    }
  }
}

export const sum: ReferenceKernel = (heap, p) => {
  const scale = real(heap, p, 0);
  forEachLine(heap, p, ({ out, x, n, stride }) => {
    let total = 0;
    for (let k = 0; k < n; k++) total += heap.x[x + k * stride];
    heap.x[out] = scale * total;
  });
};

function extreme(better: (a: number, b: number) => boolean): ReferenceKernel {
  return (heap, p) => {
    forEachLine(heap, p, ({ out, x, index, n, stride }) => {
      let best = 0;
      for (let k = 1; k < n; k++) {
        const value = heap.x[x + k * stride];
        const most = heap.x[x + best * stride];
        if (better(value, most) || (Number.isNaN(value) && !Number.isNaN(most))) best = k;
      }
      heap.x[out] = heap.x[x + best * stride];
      heap.i32[index] = best;
    });
  };
}

export const maxDim = extreme((a, b) => a > b);
export const minDim = extreme((a, b) => a < b);

/** Word 6: from the end. */
export const cumsum: ReferenceKernel = (heap, p) => {
  const [outAddress, xAddress] = heap.u32.subarray(p >>> 2, (p >>> 2) + 2);
  const backwards = heap.u32[(p >>> 2) + 6] !== 0;
  const shift = (outAddress >>> heap.shift) - (xAddress >>> heap.shift);
  forEachLine(heap, p, ({ x, n, stride }) => {
    let total = 0;
    for (let k = 0; k < n; k++) {
      const at = x + (backwards ? n - 1 - k : k) * stride;
      total += heap.x[at];
      heap.x[at + shift] = total;
    }
  });
};
