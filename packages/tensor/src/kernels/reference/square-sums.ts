import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** First and last + 1 element of each of `count` pieces at byte address `at`. */
export function piecesAt({ i32 }: HeapView, at: number, count: number): [number, number][] {
  return Array.from({ length: count }, (_, k) => [i32[(at >>> 2) + 2 * k], i32[(at >>> 2) + 2 * k + 1]]);
}

/** Block as in assembly/square-sums.ts. */
export const squareSums: ReferenceKernel = (heap, p) => {
  const [values, pieces, sums, count] = heap.u32.subarray(p >>> 2, (p >>> 2) + 4);
  for (const [k, [start, end]] of piecesAt(heap, pieces, count).entries()) {
    let sum = 0;
    for (let i = start; i < end; i++) sum += heap.x[(values >>> heap.shift) + i] ** 2;
    heap.f64[(sums >>> 3) + k] = sum;
  }
};
