import type { ReferenceKernel } from './heap-view.ts';
import { real } from './strided.ts';

/** Block as in assembly/optim.ts. */
export const sgd: ReferenceKernel = (heap, p) => {
  const { x } = heap;
  const [w, grad, buffer, n, first, nesterov] = heap.u32.subarray(p >>> 2, (p >>> 2) + 6);
  const [lr, momentum, fresh, decay] = [0, 1, 2, 3].map((i) => real(heap, p, i));
  const [wi, gi, bi] = [w, grad, buffer].map((address) => address >>> heap.shift);
  for (let i = 0; i < n; i++) {
    let g = x[gi + i] + decay * x[wi + i];
    if (buffer) {
      x[bi + i] = first ? g : momentum * x[bi + i] + fresh * g;
      g = nesterov ? g + momentum * x[bi + i] : x[bi + i];
    }
    x[wi + i] -= lr * g;
  }
};

/** Block as in assembly/optim.ts. */
export const adam: ReferenceKernel = (heap, p) => {
  const { x } = heap;
  const [w, grad, m, v, most, n] = heap.u32.subarray(p >>> 2, (p >>> 2) + 6);
  const [stepSize, beta1, beta2, rootCorrection, eps, decay, shrink, fresh1, fresh2] = Array.from(
    { length: 9 },
    (_, i) => real(heap, p, i),
  );
  const [wi, gi, mi, vi, li] = [w, grad, m, v, most].map((address) => address >>> heap.shift);
  for (let i = 0; i < n; i++) {
    const g = x[gi + i] + decay * x[wi + i];
    x[mi + i] = beta1 * x[mi + i] + fresh1 * g;
    x[vi + i] = beta2 * x[vi + i] + fresh2 * g * g;
    if (most) x[li + i] = Math.max(x[li + i], x[vi + i]);
    const root = Math.sqrt(x[(most ? li : vi) + i]) / rootCorrection + eps;
    x[wi + i] = x[wi + i] * shrink - (stepSize * x[mi + i]) / root;
  }
};
