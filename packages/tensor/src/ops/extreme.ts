/** Largest and smallest elements, and where they are. */
import { record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { ShapeError } from '../errors.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines, linesAround } from '../kernels/lines.ts';
import { dimIndex, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { to } from './cast.ts';
import { countOver, dimsOf, keptFirst, reducedShape, spread, type Dims } from './dims.ts';
import { zerosLike } from './fill.ts';
import { scatterAdd } from './gather.ts';
import { sum } from './reduce.ts';
import { permute, reshape } from './reshape.ts';
import { maskedBy } from './where.ts';

/** The largest element (`amax`), or the largest along dim with its (first) index, to which the gradient goes. */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
export function max(x: Tensor, dim?: number, keepdim = false): Tensor | { values: Tensor; indices: Tensor } {
  return dim === undefined ? amax(x) : extreme('maxDim', x, dim, keepdim);
}

/** The smallest element (`amin`), or the smallest along dim with its (first) index, to which the gradient goes. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
export function min(x: Tensor, dim?: number, keepdim = false): Tensor | { values: Tensor; indices: Tensor } {
  return dim === undefined ? amin(x) : extreme('minDim', x, dim, keepdim);
}

/** The largest element over dim; equal ones share the gradient. */
export function amax(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  return extremeOver('maxDim', x, dim, keepdim);
}

/** The smallest element over dim; equal ones share the gradient. */
export function amin(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  return extremeOver('minDim', x, dim, keepdim);
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

function extreme(
  kernel: 'maxDim' | 'minDim',
  x: Tensor,
  dim: number,
  keepdim: boolean,
): { values: Tensor; indices: Tensor } {
  const where = kernel.slice(0, 3);
  const d = dimIndex(where, dim, x.rank);
  const lines = linesAround(where, x.shape, d);
  checkSome(where, x, [d]);
  const source = rowMajor(x);
  const shape = reducedShape(x.shape, [d], keepdim);
  const values = Tensor.empty(shape, x.dtype);
  const indices = Tensor.empty(shape, 'int32');
  const kernels = kernelsFor(x.dtype);
  bindLines(values.address, source.address, indices.address, lines);
  kernels[kernel](block);
  return {
    values: noted(record(values, extremeGradient, [x], { dim: d, indices }), kernel, [x], d),
    indices: noted(indices, kernel === 'maxDim' ? 'argmax' : 'argmin', [x], d),
  };
}
function extremeGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { dim, indices } = saved as { dim: number; indices: Tensor };
  const kept = reducedShape(x.shape, [dim], true);
  return [scatterAdd(zerosLike(x), dim, reshape(indices, kept), reshape(grad, kept))];
}

function extremeOver(kernel: 'maxDim' | 'minDim', x: Tensor, dim: Dims, keepdim: boolean): Tensor {
  const where = kernel === 'maxDim' ? 'amax' : 'amin';
  const dims = dimsOf(where, x, dim);
  checkSome(where, x, dims);
  const lines = reshape(permute(x.detach(), keptFirst(x.rank, dims)), [-1, countOver(x.shape, dims)]);
  const { values } = extreme(kernel, lines, 1, false);
  return record(reshape(values, reducedShape(x.shape, dims, keepdim)), sharedGradient, [x], dims);
}

/** Shares the gradient between all elements that equal the result. */
export function sharedGradient(grad: Tensor, { inputs: [x], output, saved }: Node): Tensor[] {
  const dims = saved as number[];
  const chosen = x.eq(spread(output, x.shape, dims));
  const share = grad.div(reshape(to(sum(chosen, dims), grad.dtype), grad.shape));
  return [maskedBy(chosen, spread(share, x.shape, dims))];
}

/** Throws unless there is something along each of the dims. */
function checkSome(where: string, x: Tensor, dims: readonly number[]): void {
  const none = dims.find((d) => x.shape[d] === 0);
  if (none !== undefined) throw new ShapeError(`${where}: dimension ${none} of ${show(x.shape)} is empty`);
}
