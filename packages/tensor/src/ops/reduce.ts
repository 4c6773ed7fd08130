/** Reductions over one, several or all dimensions. */
import { record, type Node } from '../autograd.ts';
import { ShapeError } from '../errors.ts';
import { block, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines, linesAround, type Lines } from '../kernels/lines.ts';
import { dimIndex, show, sizeOf, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { mul } from './arithmetic.ts';
import { to } from './cast.ts';
import { checkFloat } from './elementwise.ts';
import { fill, zerosLike } from './fill.ts';
import { scatterAddInto } from './gather.ts';
import { expand, permute, reshape } from './reshape.ts';
import { maskedBy } from './where.ts';

/** One dimension, several, or all of them (undefined). */
export type Dims = number | readonly number[] | undefined;

/** Σ x over dim; bool and uint8 sum as int32. keepdim leaves summed dimensions with size 1. */
export function sum(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  if (x.dtype === 'bool' || x.dtype === 'uint8') return sum(to(x, 'int32'), dim, keepdim);
  return record(total(x, dim, keepdim, 1), sumGradient, [x], dimsOf('sum', x, dim));
}
function sumGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  return [spread(grad, x.shape, saved as number[])];
}

/** Mean of x over dim. */
export function mean(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  checkFloat('mean', x);
  const dims = dimsOf('mean', x, dim);
  const count = dims.reduce((product, d) => product * x.shape[d], 1);
  return record(total(x, dim, keepdim, 1 / count), meanGradient, [x], { dims, count });
}
function meanGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { dims, count } = saved as { dims: number[]; count: number };
  return [spread(mul(grad, 1 / count), x.shape, dims)];
}

/** Variance of x over dim, Σ(x − mean)²/(n − 1), or /n if not unbiased. */
export function variance(x: Tensor, dim?: Dims, unbiased = true, keepdim = false): Tensor {
  checkFloat('var', x);
  const dims = dimsOf('var', x, dim);
  const count = dims.reduce((product, d) => product * x.shape[d], 1);
  const centred = x.sub(mean(x, dims, true));
  return mul(sum(mul(centred, centred), dims, keepdim), 1 / (count - (unbiased ? 1 : 0)));
}

/** Standard deviation of x over dim: √var. */
export function std(x: Tensor, dim?: Dims, unbiased = true, keepdim = false): Tensor {
  return variance(x, dim, unbiased, keepdim).sqrt();
}

/** Euclidean norm √Σx² over dim; its gradient at 0 is 0. */
export function norm(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  checkFloat('norm', x);
  const dims = dimsOf('norm', x, dim);
  const detached = x.detach();
  const out = sum(mul(detached, detached), dims, keepdim).sqrt();
  return record(out, normGradient, [x], dims);
}
function normGradient(grad: Tensor, { inputs: [x], output, saved }: Node): Tensor[] {
  const dims = saved as number[];
  const ratio = maskedBy(output.ne(0), grad.div(output));
  return [mul(spread(ratio, x.shape, dims), x)];
}

/** The largest element, or the largest along dim with its (first) index; the gradient goes to that element. */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
export function max(x: Tensor, dim?: number, keepdim = false): Tensor | { values: Tensor; indices: Tensor } {
  if (dim === undefined) return extreme('maxDim', reshape(x, [-1]), 0, false).values;
  return extreme('maxDim', x, dim, keepdim);
}

/** The smallest element, or the smallest along dim with its (first) index; the gradient goes to that element. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
export function min(x: Tensor, dim?: number, keepdim = false): Tensor | { values: Tensor; indices: Tensor } {
  if (dim === undefined) return extreme('minDim', reshape(x, [-1]), 0, false).values;
  return extreme('minDim', x, dim, keepdim);
}

/** Index (int32) of the first largest element along dim; without dim, in x flattened. */
export function argmax(x: Tensor, dim?: number, keepdim = false): Tensor {
  const detached = x.detach();
  return dim === undefined ? max(reshape(detached, [-1]), 0).indices : max(detached, dim, keepdim).indices;
}

/** Index (int32) of the first smallest element along dim; without dim, in x flattened. */
export function argmin(x: Tensor, dim?: number, keepdim = false): Tensor {
  const detached = x.detach();
  return dim === undefined ? min(reshape(detached, [-1]), 0).indices : min(detached, dim, keepdim).indices;
}

/** Sums from the first element of dim to each. x: any shape → the same. */
export function cumsum(x: Tensor, dim: number): Tensor {
  return record(runningSum(x, dim, false), cumsumGradient, [x], dim);
}
function cumsumGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [runningSum(grad, saved as number, true)];
}

function runningSum(x: Tensor, dim: number, backwards: boolean): Tensor {
  const lines = linesAround('cumsum', x.shape, dim);
  const source = rowMajor(x);
  const out = Tensor.empty(x.shape, x.dtype);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, 0, lines)[6] = Number(backwards);
  kernels.cumsum(block);
  return out;
}

function extreme(
  kernel: 'maxDim' | 'minDim',
  x: Tensor,
  dim: number,
  keepdim: boolean,
): { values: Tensor; indices: Tensor } {
  const where = kernel === 'maxDim' ? 'max' : 'min';
  const d = dimIndex(where, dim, x.rank);
  const lines = linesAround(where, x.shape, d);
  if (lines.n === 0) throw new ShapeError(`${where}: dimension ${dim} of ${show(x.shape)} is empty`);
  const source = rowMajor(x);
  const shape = reducedShape(x.shape, [d], keepdim);
  const values = Tensor.empty(shape, x.dtype);
  const indices = Tensor.empty(shape, 'int32');
  const kernels = kernelsFor(x.dtype);
  bindLines(values.address, source.address, indices.address, lines);
  kernels[kernel](block);
  return { values: record(values, extremeGradient, [x], { lines, indices }), indices };
}
function extremeGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { lines, indices } = saved as { lines: Lines; indices: Tensor };
  const out = zerosLike(x);
  scatterAddInto(out, rowMajor(grad), indices, lines, 1);
  return [out];
}

/** Writes Σ x over dim into `out`, which has the reduced shape; no gradient is recorded. */
export function sumInto(out: Tensor, x: Tensor, dim: Dims): void {
  totalInto(out, x, dimsOf('sum', x, dim), 1);
}

/** scale · Σ x over the dims. */
function total(x: Tensor, dim: Dims, keepdim: boolean, scale: number): Tensor {
  const dims = dimsOf('sum', x, dim);
  return totalInto(Tensor.empty(reducedShape(x.shape, dims, keepdim), x.dtype), x, dims, scale);
}

function totalInto(out: Tensor, x: Tensor, dims: readonly number[], scale: number): Tensor {
  if (x.size === 0) return fill(out, 0 * scale); // NaN for the mean of nothing
  const lines = mergedLines(x.shape, dims);
  const source = lines ? rowMajor(x) : rowMajor(permute(x.detach(), keptFirst(x.rank, dims)));
  const n = dims.reduce((product, d) => product * x.shape[d], 1);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, 0, lines ?? { outer: x.size / n, n, inner: 1 });
  reals[0] = scale;
  kernels.sum(block);
  return out;
}

/** Adjacent dims seen as one; null if others lie between them. */
function mergedLines(shape: Shape, dims: readonly number[]): Lines | null {
  if (dims.length === 0) return { outer: sizeOf(shape), n: 1, inner: 1 };
  const first = dims[0];
  const last = dims[dims.length - 1];
  for (let d = first; d <= last; d++) if (!dims.includes(d) && shape[d] !== 1) return null;
  return {
    outer: sizeOf(shape.slice(0, first)),
    n: sizeOf(shape.slice(first, last + 1)),
    inner: sizeOf(shape.slice(last + 1)),
  };
}

function keptFirst(rank: number, dims: readonly number[]): number[] {
  const kept = Array.from({ length: rank }, (_, d) => d).filter((d) => !dims.includes(d));
  return [...kept, ...dims];
}

/** A reduced gradient, stretched back over the dims that were summed. */
function spread(grad: Tensor, shape: Shape, dims: readonly number[]): Tensor {
  return expand(reshape(grad, reducedShape(shape, dims, true)), shape);
}

function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): Shape {
  if (keepdim) return shape.map((size, d) => (dims.includes(d) ? 1 : size));
  return shape.filter((_, d) => !dims.includes(d));
}

/** The dims as sorted indices without repeats. */
function dimsOf(where: string, x: Tensor, dim: Dims): number[] {
  if (dim === undefined) return x.shape.map((_, d) => d);
  const dims = (typeof dim === 'number' ? [dim] : [...dim])
    .map((d) => dimIndex(where, d, x.rank))
    .sort((a, b) => a - b);
  if (new Set(dims).size !== dims.length) throw new ShapeError(`${where}: dims ${show(dims)} name a dimension twice`);
  return dims;
}
