import type { HeapView, ReferenceKernel } from './heap-view.ts';
import { piecesAt } from './square-sums.ts';
import { real } from './strided.ts';

/** One element: x the parameter, g its gradient with the L2 term, s the elements of state; returns the new parameter. */
type Rule = (x: number, g: number, s: State, c: readonly number[], flags: readonly boolean[]) => number;

/** The element of each buffer of state; `has` tells which buffers there are. */
interface State {
  get(buffer: number): number;
  set(buffer: number, value: number): number;
  has(buffer: number): boolean;
}

/** Blocks as in assembly/optim-lanes.ts; c holds the block's doubles, buffer i is word 2 + i. */
function kernelOf(rule: Rule): ReferenceKernel {
  return (heap, p) => {
    const { x } = heap;
    const [w, grad, s0, s1, s2, n, flag6, flag7] = heap.u32.subarray(p >>> 2, (p >>> 2) + 8);
    const buffers = [s0, s1, s2];
    const c = Array.from({ length: 16 }, (_, i) => real(heap, p, i));
    const flags = [flag6 !== 0, flag7 !== 0];
    for (let i = 0; i < n; i++) {
      const [at, from] = [(w >>> heap.shift) + i, (grad >>> heap.shift) + i];
      x[at] = rule(x[at], c[0] * x[from] + c[1] * x[at], stateAt(heap, buffers, i), c, flags);
    }
  };
}

function stateAt({ x, shift }: HeapView, buffers: readonly number[], i: number): State {
  return {
    get: (buffer) => x[(buffers[buffer] >>> shift) + i],
    set: (buffer, value) => (x[(buffers[buffer] >>> shift) + i] = value),
    has: (buffer) => buffers[buffer] !== 0,
  };
}

function average(s: State, buffer: number, decay: number, fresh: number, value: number): number {
  return s.set(buffer, decay * s.get(buffer) + fresh * value);
}

export const sgd = kernelOf((x, g, s, c, [first, nesterov]) => {
  if (s.has(0)) {
    const b = s.set(0, first ? g : c[3] * s.get(0) + c[4] * g);
    return x - c[2] * (nesterov ? g + c[3] * b : b);
  }
  return x - c[2] * g;
});

export const rmsprop = kernelOf((x, g, s, c) => {
  let square = average(s, 0, c[3], c[4], g * g);
  if (s.has(2)) square = Math.max(0, square - average(s, 2, c[3], c[4], g) ** 2);
  let step = g / (Math.sqrt(square) + c[5]);
  if (s.has(1)) step = average(s, 1, c[6], 1, step);
  return x - c[2] * step;
});

export const adagrad = kernelOf((x, g, s, c) => {
  const sum = s.set(0, s.get(0) + g * g);
  return x - (c[2] * g) / (Math.sqrt(sum) + c[3]);
});

export const adadelta = kernelOf((x, g, s, c) => {
  const square = average(s, 0, c[3], c[4], g * g);
  const step = (Math.sqrt(s.get(1) + c[5]) / Math.sqrt(square + c[5])) * g;
  average(s, 1, c[3], c[4], step * step);
  return x - c[2] * step;
});

export const lion = kernelOf((x, g, s, c) => {
  const direction = c[3] * s.get(0) + c[4] * g;
  average(s, 0, c[5], c[6], g);
  return c[7] * x - c[2] * (Number(direction > 0) - Number(direction < 0));
});

export const rprop = kernelOf((x, g, s, c, [first]) => {
  const turn = g * s.get(0);
  const last = first ? c[2] : s.get(1);
  const size = s.set(1, Math.min(Math.max(last * (turn < 0 ? c[3] : turn > 0 ? c[4] : 1), c[5]), c[6]));
  const kept = s.set(0, turn < 0 ? 0 : g);
  return x - size * (Number(kept > 0) - Number(kept < 0));
});

const firstMoment = (s: State, c: readonly number[], g: number): number => average(s, 0, c[3], c[4], g);
const secondMoment = (s: State, c: readonly number[], g: number): number => average(s, 1, c[5], c[6], g * g);

export const adam = kernelOf((x, g, s, c) => {
  const m = firstMoment(s, c, g);
  let v = secondMoment(s, c, g);
  if (s.has(2)) v = s.set(2, Math.max(s.get(2), v));
  return c[9] * x - (c[2] * m) / (Math.sqrt(v) / c[8] + c[7]);
});

export const adamax = kernelOf((x, g, s, c) => {
  const m = firstMoment(s, c, g);
  const u = s.set(1, Math.max(c[5] * s.get(1), Math.abs(g) + c[7]));
  return x - (c[2] * m) / u;
});

export const nadam = kernelOf((x, g, s, c) => {
  const m = firstMoment(s, c, g);
  const root = Math.sqrt(secondMoment(s, c, g)) / c[8] + c[7];
  return c[10] * x - (c[2] * g + c[9] * m) / root;
});

export const radam = kernelOf((x, g, s, c) => {
  const step = c[2] * firstMoment(s, c, g);
  const v = secondMoment(s, c, g);
  return c[9] * x - (c[8] > 0 ? (step * c[8]) / (Math.sqrt(v) + c[7]) : step);
});

const lambDirection = (x: number, m: number, v: number, c: readonly number[]): number =>
  (m * c[9]) / (Math.sqrt(v) / c[8] + c[7]) + c[10] * x;

export const lamb = kernelOf((x, _g, s, c) => x - c[2] * lambDirection(x, s.get(0), s.get(1), c));

/** Block as in assembly/optim-lamb.ts. */
export const lambMoments: ReferenceKernel = (heap, p) => {
  const { x, f64, shift } = heap;
  const [w, grad, m, v, pieces, count, squares, squaresOfU] = heap.u32.subarray(p >>> 2, (p >>> 2) + 8);
  const c = Array.from({ length: 16 }, (_, i) => real(heap, p, i));
  for (const [k, [start, end]] of piecesAt(heap, pieces, count).entries()) {
    let [sum, sumOfU] = [0, 0];
    for (let i = start; i < end; i++) {
      const [parameter, s] = [x[(w >>> shift) + i], stateAt(heap, [m, v], i)];
      const g = c[0] * x[(grad >>> shift) + i] + c[1] * parameter;
      const u = lambDirection(parameter, firstMoment(s, c, g), secondMoment(s, c, g), c);
      sum += parameter ** 2;
      sumOfU += u ** 2;
    }
    f64[(squares >>> 3) + k] = sum;
    f64[(squaresOfU >>> 3) + k] = sumOfU;
  }
};
