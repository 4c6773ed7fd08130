import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** Block words as in assembly/gather.ts. `large` is the element index in [outer, n, inner], `small` in [outer, k, inner]. */
function forEachPick(
  heap: HeapView,
  p: number,
  indexOf: (o: number, k: number, i: number, count: number, inner: number) => number,
  visit: (large: number, small: number) => void,
): void {
  const [, , index, outer, n, inner, count] = heap.u32.subarray(p >>> 2, (p >>> 2) + 7);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < inner; i++) {
        const position = heap.i32[(index >>> 2) + indexOf(o, k, i, count, inner)];
        visit((o * n + position) * inner + i, (o * count + k) * inner + i);
      }
    }
  }
}

const perElement = (o: number, k: number, i: number, count: number, inner: number): number =>
  (o * count + k) * inner + i;
const perRow = (_o: number, k: number): number => k;

function pick(indexOf: typeof perElement): ReferenceKernel {
  return (heap, p) => {
    const [out, x] = [heap.u32[p >>> 2] >>> heap.shift, heap.u32[(p >>> 2) + 1] >>> heap.shift];
    forEachPick(heap, p, indexOf, (large, small) => {
      heap.x[out + small] = heap.x[x + large];
    });
  };
}

function put(indexOf: typeof perElement): ReferenceKernel {
  return (heap, p) => {
    const [out, x] = [heap.u32[p >>> 2] >>> heap.shift, heap.u32[(p >>> 2) + 1] >>> heap.shift];
    forEachPick(heap, p, indexOf, (large, small) => {
      heap.x[out + large] = heap.x[x + small];
    });
  };
}

function addBack(indexOf: typeof perElement): ReferenceKernel {
  return (heap, p) => {
    const [out, x] = [heap.u32[p >>> 2] >>> heap.shift, heap.u32[(p >>> 2) + 1] >>> heap.shift];
    forEachPick(heap, p, indexOf, (large, small) => {
      heap.x[out + large] += heap.x[x + small];
    });
  };
}

export const gather = pick(perElement);
export const scatter = put(perElement);
export const scatterAdd = addBack(perElement);
export const indexSelect = pick(perRow);
export const indexAdd = addBack(perRow);
