import type { ReferenceKernel } from './heap-view.ts';

/** Block words as in assembly/argsort.ts; needs no scratch. */
export const argsort: ReferenceKernel = (heap, p) => {
  const [index, x, , outer, n, inner, descending] = heap.u32.subarray(p >>> 2, (p >>> 2) + 7);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      const value = (k: number): number => heap.x[(x >>> heap.shift) + start + k * inner];
      const places = Array.from({ length: n }, (_, k) => k);
      places.sort((a, b) => (descending ? ascending(value(b), value(a)) : ascending(value(a), value(b))));
      places.forEach((place, k) => (heap.i32[(index >>> 2) + start + k * inner] = place));
    }
  }
};

/** Order of two numbers, with NaN above all others. */
function ascending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}
