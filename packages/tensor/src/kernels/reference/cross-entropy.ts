import type { HeapView, ReferenceKernel } from './heap-view.ts';

interface Row {
  /** Number of the row among the losses. */
  readonly nd: number;
  readonly target: number;
  /** Indices of the row's scores, by class. */
  readonly scores: readonly number[];
}

/** Block words as in assembly/cross-entropy.ts; the weight of each class is 1 unless given. */
function parts(heap: HeapView, p: number) {
  const at = p >>> 2;
  const [out, x, targets, weights, samples, classes, depth] = heap.u32.subarray(at, at + 7);
  const ignored = heap.i32[at + 7];
  const weight = (c: number): number => (weights ? heap.x[(weights >>> heap.shift) + c] : 1);
  const rows: Row[] = [];
  for (let nd = 0; nd < samples * depth; nd++) {
    const target = heap.i32[(targets >>> 2) + nd];
    const [n, d] = [Math.floor(nd / depth), nd % depth];
    const scores = Array.from({ length: classes }, (_, c) => (x >>> heap.shift) + (n * classes + c) * depth + d);
    if (target !== ignored) rows.push({ nd, target, scores });
  }
  const epsilon = heap.f64[(p >>> 3) + 32];
  /** The target distribution, times the weights. */
  const q = (c: number, target: number): number =>
    (c === target ? (1 - epsilon) * weight(c) : 0) + (epsilon / classes) * weight(c);
  const moments = heap.u32[at + 9] >>> heap.shift;
  return {
    out: out >>> heap.shift,
    word8: heap.u32[at + 8] >>> heap.shift,
    count: samples * depth,
    x,
    classes,
    rows,
    weight,
    q,
    epsilon,
    moments,
  };
}

export const softmaxNll: ReferenceKernel = (heap, p) => {
  const { out, word8, count, rows, weight, epsilon, moments } = parts(heap, p);
  heap.x.fill(0, out, out + count);
  let total = 0;
  for (const { nd, target, scores } of rows) {
    const values = scores.map((at) => heap.x[at]);
    const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const most = largest === -Infinity ? 0 : largest;
    const sum = values.reduce((partial, value) => partial + Math.exp(value - most), 0);
    heap.x[moments + nd] = most;
    heap.x[moments + count + nd] = 1 / sum;
    total += weight(target);
    const negative = (value: number): number => most + Math.log(sum) - value;
    const own = (1 - epsilon) * weight(target) * negative(values[target]);
    const spread = values.reduce((partial, value, c) => partial + weight(c) * negative(value), 0);
    heap.x[out + nd] = epsilon > 0 ? own + (epsilon / values.length) * spread : own;
  }
  heap.x[word8] = total;
};

export const softmaxNllGrad: ReferenceKernel = (heap, p) => {
  const { out, word8, count, x, classes, rows, q, moments } = parts(heap, p);
  const shift = out - (x >>> heap.shift);
  heap.x.fill(0, out, out + count * classes);
  for (const { nd, target, scores } of rows) {
    const g = heap.x[word8 + nd];
    const sum = scores.reduce((partial, _, c) => partial + q(c, target), 0);
    const [most, inverse] = [heap.x[moments + nd], heap.x[moments + count + nd]];
    scores.forEach((at, c) => {
      heap.x[at + shift] = g * (sum * Math.exp(heap.x[at] - most) * inverse - q(c, target));
    });
  }
};
