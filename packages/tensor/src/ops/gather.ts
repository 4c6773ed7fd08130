/** Picking elements or slices by index. Indices are int32 and checked against the dimension's size. */
import { record, type Node } from '../autograd.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines, linesAround, type Lines } from '../kernels/lines.ts';
import { dimIndex, sameShape, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { clone } from './reshape.ts';
import { zerosLike } from './fill.ts';

/** out[…, k, …] = x[…, index[…, k, …], …] along dim. index: x's shape but for dim → out: index's shape. */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const lines = checkPicks('gather', x, dim, index);
  const out = Tensor.empty(index.shape, x.dtype);
  const [source, picks] = [rowMajor(x), rowMajor(index)];
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, picks.address, lines)[6] = index.shape[dimIndex('gather', dim, x.rank)];
  if (out.size > 0) kernels.gather(block);
  return record(out, gatherGradient, [x], { picks, lines, count: index.shape[dimIndex('gather', dim, x.rank)] });
}
function gatherGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { picks, lines, count } = saved as { picks: Tensor; lines: Lines; count: number };
  const out = zerosLike(x);
  scatterAddInto(out, rowMajor(grad), picks, lines, count);
  return [out];
}

/** x with source[…, k, …] added at index[…, k, …] along dim. index and source: the same shape, x's but for dim. */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const lines = checkPicks('scatterAdd', x, dim, index);
  if (!sameShape(source.shape, index.shape)) {
    throw new ShapeError(`scatterAdd: source ${show(source.shape)} must have index's shape ${show(index.shape)}`);
  }
  if (source.dtype !== x.dtype) throw new DTypeError(`scatterAdd: x is ${x.dtype}, but source is ${source.dtype}`);
  const out = clone(x.detach());
  const count = index.shape[dimIndex('scatterAdd', dim, x.rank)];
  scatterAddInto(out, rowMajor(source), rowMajor(index), lines, count);
  return record(out, scatterAddGradient, [x, source], { dim, index });
}
function scatterAddGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const { dim, index } = saved as { dim: number; index: Tensor };
  return [grad, gather(grad, dim, index)];
}

/** The slices of x at index: [k] along dim, in that order. */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  const d = dimIndex('indexSelect', dim, x.rank);
  if (index.rank !== 1) throw new ShapeError(`indexSelect: index must have one dimension, got ${show(index.shape)}`);
  checkBounds('indexSelect', index, x.shape[d]);
  const lines = linesAround('indexSelect', x.shape, d);
  const [source, picks] = [rowMajor(x), rowMajor(index)];
  const out = Tensor.empty(
    x.shape.map((size, i) => (i === d ? index.size : size)),
    x.dtype,
  );
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, picks.address, lines)[6] = index.size;
  if (out.size > 0) kernels.indexSelect(block);
  return record(out, indexSelectGradient, [x], { picks, lines });
}
function indexSelectGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { picks, lines } = saved as { picks: Tensor; lines: Lines };
  const out = zerosLike(x);
  const source = rowMajor(grad);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, picks.address, lines)[6] = picks.size;
  if (source.size > 0) kernels.indexAdd(block);
  return [out];
}

/** out[o, index[o, k, i], i] += source[o, k, i]; all row-major, out: [outer, n, inner]. */
export function scatterAddInto(out: Tensor, source: Tensor, index: Tensor, lines: Lines, count: number): void {
  if (source.size === 0) return;
  const kernels = kernelsFor(out.dtype);
  bindLines(out.address, source.address, index.address, lines)[6] = count;
  kernels.scatterAdd(block);
}

/** Throws unless every element of `index` (int32) lies in [0, size). */
export function checkBounds(where: string, index: Tensor, size: number): void {
  if (index.dtype !== 'int32') throw new DTypeError(`${where}: indices must be int32, got ${index.dtype}`);
  const picks = rowMajor(index);
  const start = picks.address >>> 2;
  for (let i = start; i < start + picks.size; i++) {
    const value = views.i32[i];
    if (value < 0 || value >= size) {
      throw new ShapeError(`${where}: index ${value} at position ${i - start} is out of range for size ${size}`);
    }
  }
}

function checkPicks(where: string, x: Tensor, dim: number, index: Tensor): Lines {
  const d = dimIndex(where, dim, x.rank);
  if (index.rank !== x.rank || !index.shape.every((size, i) => i === d || size === x.shape[i])) {
    throw new ShapeError(
      `${where}: index ${show(index.shape)} must match ${show(x.shape)} in every dimension but ${dim}`,
    );
  }
  checkBounds(where, index, x.shape[d]);
  return linesAround(where, x.shape, d);
}
