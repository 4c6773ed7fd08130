/** Sliding windows along one dimension: a view of them, and its adjoint, the sum of windows that overlap. */
import { record, type Node } from '../autograd.ts';
import { ShapeError } from '../errors.ts';
import { contiguousStrides, dimIndex, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { accumulate } from './accumulate.ts';
import { fill } from './fill.ts';
import { select, slice, viewOf } from './reshape.ts';

/** `count` windows of `size` elements `dilation` apart; each begins `step` after the one before. */
export interface Windows {
  readonly dim: number;
  readonly count: number;
  readonly size: number;
  readonly step: number;
  readonly dilation: number;
}

/** All windows of `size` neighbours along dim, `step` apart: [..., count, ..., size]. A view. */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  const d = dimIndex('unfold', dim, x.rank);
  if (!Number.isInteger(size) || size < 1 || size > x.shape[d] || !Number.isInteger(step) || step < 1) {
    throw new ShapeError(
      `unfold: size ${size} and step ${step} must be whole numbers from 1, size at most ${x.shape[d]}, dimension ${d} of ${show(x.shape)}`,
    );
  }
  return windowsOf(x, { dim: d, count: Math.floor((x.shape[d] - size) / step) + 1, size, step, dilation: 1 });
}

/** [..., L, ...] → [..., count, ..., size], the windows in their dimension and what is inside them last. A view. */
export function windowsOf(x: Tensor, windows: Windows): Tensor {
  const { dim, count, size, step, dilation } = windows;
  const own = x.strides ?? contiguousStrides(x.shape);
  const shape = [...x.shape.map((n, d) => (d === dim ? count : n)), size];
  const strides = [...own.map((stride, d) => (d === dim ? stride * step : stride)), own[dim] * dilation];
  return record(viewOf(x, shape, strides), windowsGradient, [x], windows);
}
function windowsGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const windows = saved as Windows;
  return [sumWindows(grad, windows, x.shape[windows.dim])];
}

/** The adjoint: [..., count, ..., size] → [..., length, ...], each element the sum of its places in the windows. */
export function sumWindows(x: Tensor, windows: Windows, length: number): Tensor {
  const { dim, count, size, step, dilation } = windows;
  const shape = x.shape.slice(0, -1).map((n, d) => (d === dim ? length : n));
  const out = fill(Tensor.empty(shape, x.dtype), 0);
  const values = x.detach();
  for (let i = 0; i < size; i++) {
    const first = i * dilation;
    accumulate(slice(out, dim, first, first + (count - 1) * step + 1, step), select(values, -1, i));
  }
  return record(out, sumWindowsGradient, [x], windows);
}
function sumWindowsGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [windowsOf(grad, saved as Windows)];
}
