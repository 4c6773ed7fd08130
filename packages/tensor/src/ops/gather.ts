/** Picking elements or slices by index. Indices are int32 and checked against the dimension's size. */
import { record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsNothing } from '../autograd/versions.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines, linesAround, type Lines } from '../kernels/lines.ts';
import { dimIndex, show, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { copyInto, rowMajor } from './accumulate.ts';
import { scalar, zerosLike } from './fill.ts';
import { clone, expand, narrow } from './reshape.ts';

/**
 * out[…, k, …] = x[…, index[…, k, …], …] along dim. index: of x's rank, and no longer than x in any dimension but dim →
 * out: index's shape.
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const d = checkPicks('gather', x, dim, index);
  const source = corner(x, index.shape, d);
  const [values, picks] = [rowMajor(source), rowMajor(index)];
  const lines = linesAround('gather', source.shape, d);
  const out = Tensor.empty(index.shape, x.dtype);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, values.address, picks.address, lines)[6] = index.shape[d];
  if (out.size > 0) kernels.gather(block);
  return noted(record(out, gatherGradient, [source], { dim: d, picks }), 'gather', [source, index], d);
}
function gatherGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { dim, picks } = saved as { dim: number; picks: Tensor };
  return [scatterAdd(zerosLike(x), dim, picks, grad)];
}

/**
 * x with source[…, k, …] added at index[…, k, …] along dim. index: of x's rank, no longer than source in any dimension, nor
 * than x in any but dim; what source has beyond it is not used.
 */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const d = checkPicks('scatterAdd', x, dim, index);
  const part = checkSource('scatterAdd', x, index, source);
  const out = record(scattered('scatterAdd', x, d, index, part), scatterAddGradient, [x, part], { dim: d, index });
  return noted(out, 'scatterAdd', [x, index, part], d);
}
function scatterAddGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const { dim, index } = saved as { dim: number; index: Tensor };
  return [grad, gather(grad, dim, index)];
}

/**
 * x with source[…, k, …] in place of what is at index[…, k, …] along dim; source may be a number, and shapes are as in
 * scatterAdd. Of several elements that go to one place the last stays, but each gets its gradient, as in PyTorch.
 */
export function scatter(x: Tensor, dim: number, index: Tensor, source: Tensor | number): Tensor {
  const d = checkPicks('scatter', x, dim, index);
  const values = typeof source === 'number' ? expand(scalar(source, x.dtype), index.shape) : source;
  const part = checkSource('scatter', x, index, values);
  const out = record(scattered('scatter', x, d, index, part), scatterGradient, [x, part], { dim: d, index });
  return noted(out, 'scatter', [x, index, part], d);
}
function scatterGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const { dim, index } = saved as { dim: number; index: Tensor };
  return [scatter(grad, dim, index, 0), gather(grad, dim, index)];
}

/** A copy of x into which the kernel has put source; no gradient is recorded. */
function scattered(kernel: 'scatter' | 'scatterAdd', x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  const out = clone(x.detach());
  const place = corner(out, index.shape, dim);
  const target = rowMajor(place);
  const [values, picks] = [rowMajor(source), rowMajor(index)];
  const kernels = kernelsFor(x.dtype);
  bindLines(target.address, values.address, picks.address, linesAround(kernel, target.shape, dim))[6] =
    index.shape[dim];
  if (values.size > 0) kernels[kernel](block);
  if (target !== place) copyInto(place, target);
  return out;
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
  return noted(record(out, indexSelectGradient, [x], { picks, lines, dim: d }), 'indexSelect', [x, index], d);
}
function indexSelectGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { picks, lines } = saved as { picks: Tensor; lines: Lines };
  const out = zerosLike(x);
  const source = rowMajor(grad);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, picks.address, lines)[6] = picks.size;
  if (source.size > 0) kernels.indexAdd(block);
  return [record(out, indexAddedGradient, [grad], saved)];
}
function indexAddedGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const { picks, dim } = saved as { picks: Tensor; dim: number };
  return [indexSelect(grad, dim, picks)];
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

/** The dimension as an index; throws unless index fits x and points into that dimension. */
function checkPicks(where: string, x: Tensor, dim: number, index: Tensor): number {
  const d = dimIndex(where, dim, x.rank);
  if (index.rank !== x.rank || !index.shape.every((size, i) => i === d || size <= x.shape[i])) {
    throw new ShapeError(
      `${where}: index ${show(index.shape)} must have the rank of ${show(x.shape)} and be no longer in any dimension but ${dim}`,
    );
  }
  checkBounds(where, index, x.shape[d]);
  return d;
}

/** The part of source that index covers. */
function checkSource(where: string, x: Tensor, index: Tensor, source: Tensor): Tensor {
  if (source.dtype !== x.dtype) throw new DTypeError(`${where}: x is ${x.dtype}, but source is ${source.dtype}`);
  if (source.rank !== index.rank || !index.shape.every((size, i) => size <= source.shape[i])) {
    throw new ShapeError(`${where}: source ${show(source.shape)} must cover index ${show(index.shape)}`);
  }
  return corner(source, index.shape);
}

/** The first elements of each dimension but `except`, as many as `shape` has. */
function corner(x: Tensor, shape: Shape, except = -1): Tensor {
  return shape.reduce((part, size, d) => (d === except || size === part.shape[d] ? part : narrow(part, d, 0, size)), x);
}

readsNothing(gatherGradient, scatterAddGradient, indexSelectGradient, indexAddedGradient);
