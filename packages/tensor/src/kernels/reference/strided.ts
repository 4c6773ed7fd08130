import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** The words of a strided block (assembly/strided.ts says where they lie). */
const NDIM = 4;
const SIZES = 8;
const STRIDES = 16;
const REALS = 32; // index of the first double behind the words

/** Visits every element of the block's operands: element indices of out, a, b and c, each in its own dtype's units. */
export function forEachElement(
  heap: HeapView,
  p: number,
  shifts: readonly number[],
  visit: (out: number, a: number, b: number, c: number) => void,
): void {
  const at = p >>> 2;
  const words = heap.i32;
  const ndim = words[at + NDIM];
  const start = [0, 1, 2, 3].map((k) => (k < shifts.length ? heap.u32[at + k] >>> shifts[k] : 0));
  const walk = (dim: number, o: number, a: number, b: number, c: number): void => {
    if (dim === ndim) return visit(o, a, b, c);
    const stride = (k: number): number => words[at + STRIDES + 8 * k + dim];
    for (let i = 0; i < words[at + SIZES + dim]; i++) {
      walk(dim + 1, o + i * stride(0), a + i * stride(1), b + i * stride(2), c + i * stride(3));
    }
  };
  walk(0, start[0], start[1], start[2], start[3]);
}

/** The i-th double of the block. */
export function real(heap: HeapView, p: number, i: number): number {
  return heap.f64[(p >>> 3) + REALS + i];
}

/** out = f(a, s, t), where s and t are the block's first doubles. */
export function unary(f: (a: number, s: number, t: number) => number): ReferenceKernel {
  return (heap, p) => {
    const [s, t] = [real(heap, p, 0), real(heap, p, 1)];
    forEachElement(heap, p, [heap.shift, heap.shift], (out, a) => {
      heap.x[out] = f(heap.x[a], s, t);
    });
  };
}

/** out = f(a, b, s, t). */
export function binary(f: (a: number, b: number, s: number, t: number) => number): ReferenceKernel {
  return (heap, p) => {
    const [s, t] = [real(heap, p, 0), real(heap, p, 1)];
    forEachElement(heap, p, [heap.shift, heap.shift, heap.shift], (out, a, b) => {
      heap.x[out] = f(heap.x[a], heap.x[b], s, t);
    });
  };
}

/** out (bool) = f(a, b). */
export function comparison(f: (a: number, b: number) => boolean): ReferenceKernel {
  return (heap, p) => {
    forEachElement(heap, p, [0, heap.shift, heap.shift], (out, a, b) => {
      heap.u8[out] = Number(f(heap.x[a], heap.x[b]));
    });
  };
}
