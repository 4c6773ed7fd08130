import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** Block words as in assembly/product.ts; gives the places in [outer, n, inner] of each line, and the line's number. */
function forEachLine(heap: HeapView, p: number, visit: (places: number[], line: number) => void): void {
  const [outer, n, inner] = heap.u32.subarray((p >>> 2) + 3, (p >>> 2) + 6);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      visit(
        Array.from({ length: n }, (_, k) => (o * n + k) * inner + i),
        o * inner + i,
      );
    }
  }
}

const operands = (heap: HeapView, p: number): number[] =>
  Array.from(heap.u32.subarray(p >>> 2, (p >>> 2) + 3), (address) => address >>> heap.shift);

export const prod: ReferenceKernel = (heap, p) => {
  const [out, x] = operands(heap, p);
  forEachLine(heap, p, (places, line) => {
    heap.x[out + line] = places.reduce((product, at) => product * heap.x[x + at], 1);
  });
};

export const cumprod: ReferenceKernel = (heap, p) => {
  const [out, x] = operands(heap, p);
  forEachLine(heap, p, (places) => {
    let product = 1;
    for (const at of places) heap.x[out + at] = product *= heap.x[x + at];
  });
};

/** Products of the elements before each place, and of those behind it. */
function around(values: readonly number[]): { before: number[]; behind: number[] } {
  const before = values.map(() => 1);
  const behind = values.map(() => 1);
  for (let k = 1; k < values.length; k++) before[k] = before[k - 1] * values[k - 1];
  for (let k = values.length - 2; k >= 0; k--) behind[k] = behind[k + 1] * values[k + 1];
  return { before, behind };
}

export const prodGrad: ReferenceKernel = (heap, p) => {
  const [out, x, dy] = operands(heap, p);
  forEachLine(heap, p, (places, line) => {
    const { before, behind } = around(places.map((at) => heap.x[x + at]));
    places.forEach((at, k) => (heap.x[out + at] = heap.x[dy + line] * before[k] * behind[k]));
  });
};

export const cumprodGrad: ReferenceKernel = (heap, p) => {
  const [out, x, dy] = operands(heap, p);
  forEachLine(heap, p, (places) => {
    const values = places.map((at) => heap.x[x + at]);
    const { before } = around(values);
    let s = 0;
    for (let k = places.length - 1; k >= 0; k--) {
      s += heap.x[dy + places[k]];
      heap.x[out + places[k]] = before[k] * s;
      s *= values[k];
    }
  });
};
