/** Ordering along one dimension. NaN counts as the largest number; equal elements keep their order. */
import { record } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { ShapeError } from '../errors.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines, linesAround } from '../kernels/lines.ts';
import { dimIndex, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { reducedShape } from './dims.ts';
import { sharedGradient } from './extreme.ts';
import { scalar } from './fill.ts';
import { gather } from './gather.ts';
import { contiguous, narrow, reshape } from './reshape.ts';
import { where } from './where.ts';

/** Elements, and where they were. */
export interface Picked {
  readonly values: Tensor;
  /** int32. */
  readonly indices: Tensor;
}

/** Places (int32) of x's elements along dim, in rising order of the elements, or in falling order. */
export function argsort(x: Tensor, dim = -1, descending = false): Tensor {
  const lines = linesAround('argsort', x.shape, dim);
  const index = Tensor.empty(x.shape, 'int32');
  if (index.size === 0) return index;
  const source = rowMajor(x);
  const scratch = Tensor.empty([2 * lines.n], 'int32');
  const kernels = kernelsFor(x.dtype);
  bindLines(index.address, source.address, scratch.address, lines)[6] = Number(descending);
  kernels.argsort(block);
  return noted(index, 'argsort', [x], { dim: dimIndex('argsort', dim, x.rank), descending });
}

/** x's elements along dim in rising order, or in falling order, with their places. */
export function sort(x: Tensor, dim = -1, descending = false): Picked {
  const indices = argsort(x, dim, descending);
  return { values: gather(x, dim, indices), indices };
}

/** The k largest elements along dim, largest first, or the k smallest, smallest first, with their places. */
export function topk(x: Tensor, k: number, dim = -1, largest = true): Picked {
  const size = x.shape[dimIndex('topk', dim, x.rank)];
  if (!Number.isInteger(k) || k < 0 || k > size) {
    throw new ShapeError(`topk: k must be a whole number from 0 to ${size}, the size of dimension ${dim}, got ${k}`);
  }
  const indices = contiguous(narrow(argsort(x, dim, largest), dim, 0, k));
  return { values: gather(x, dim, indices), indices };
}

/**
 * The middle element in order, the lower one of two, or NaN if there is a NaN. Over all of x, where equal elements share
 * the gradient; or along dim with its place, to which the gradient goes.
 */
export function median(x: Tensor): Tensor;
export function median(x: Tensor, dim: number, keepdim?: boolean): Picked;
export function median(x: Tensor, dim?: number, keepdim = false): Tensor | Picked {
  if (dim !== undefined) return medianAlong(x, dim, keepdim);
  if (x.size === 0) return scalar(NaN, x.dtype);
  const { values } = medianAlong(reshape(x.detach(), [-1]), 0, false);
  return record(
    values,
    sharedGradient,
    [x],
    x.shape.map((_, d) => d),
  );
}

function medianAlong(x: Tensor, dim: number, keepdim: boolean): Picked {
  const d = dimIndex('median', dim, x.rank);
  const n = x.shape[d];
  if (n === 0) throw new ShapeError(`median: dimension ${dim} of ${show(x.shape)} is empty`);
  const order = argsort(x, d);
  const last = narrow(order, d, n - 1, 1); // NaN, if there is one
  const middle = narrow(order, d, (n - 1) >> 1, 1);
  const largest = gather(x.detach(), d, last);
  const indices = where(largest.ne(largest), last, middle);
  const shape = reducedShape(x.shape, [d], keepdim);
  return { values: reshape(gather(x, d, indices), shape), indices: reshape(indices, shape) };
}
