import { record, type Node } from '../autograd.ts';
import { readsNothing } from '../autograd/versions.ts';
import { ShapeError } from '../errors.ts';
import { contiguousStrides, dimIndex, show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { copyInto } from './accumulate.ts';
import { zerosLike } from './fill.ts';
import { viewOf } from './reshape.ts';

/**
 * The elements whose indices along dim1 and dim2 are equal (dim2's larger by `offset`), as the last dimension of a view.
 * x: [..., n, ..., m, ...] → [..., min(n, m) or fewer]. No elements for an offset outside of x. Throws
 * ShapeError for equal dims.
 */
export function diagonal(x: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  return record(diagonalView(x, offset, dim1, dim2), diagonalGradient, [x], [offset, dim1, dim2]);
}
function diagonalGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const [offset, dim1, dim2] = saved as [number, number, number];
  return [diagonalEmbed(grad, x, offset, dim1, dim2)];
}

/** Zeros of like's shape with x on the diagonal; the linear map that `diagonal` is the transpose of. */
function diagonalEmbed(x: Tensor, like: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const out = zerosLike(like);
  copyInto(diagonalView(out, offset, dim1, dim2), x);
  return record(out, diagonalEmbedGradient, [x], [offset, dim1, dim2]);
}
function diagonalEmbedGradient(grad: Tensor, { saved }: Node): Tensor[] {
  const [offset, dim1, dim2] = saved as [number, number, number];
  return [diagonal(grad, offset, dim1, dim2)];
}

function diagonalView(x: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const [a, b] = [dimIndex('diagonal', dim1, x.rank), dimIndex('diagonal', dim2, x.rank)];
  if (a === b) throw new ShapeError(`diagonal: dims ${dim1} and ${dim2} are the same dimension of ${show(x.shape)}`);
  const strides = x.strides ?? contiguousStrides(x.shape);
  if (!Number.isInteger(offset)) throw new ShapeError(`diagonal: offset must be a whole number, got ${offset}`);
  const [rows, columns] = [x.shape[a] + Math.min(offset, 0), x.shape[b] - Math.max(offset, 0)];
  const length = Math.max(0, Math.min(rows, columns)); // none outside of x
  const isKept = (_: number, d: number): boolean => d !== a && d !== b;
  const start = length === 0 ? 0 : offset >= 0 ? offset * strides[b] : -offset * strides[a];
  return viewOf(x, [...x.shape.filter(isKept), length], [...strides.filter(isKept), strides[a] + strides[b]], start);
}

readsNothing(diagonalGradient, diagonalEmbedGradient);
