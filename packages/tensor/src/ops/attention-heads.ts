/** How attention sees its operands: as [N, H, rows, width] of any strides, the last being 1. No gradient is recorded. */
import { contiguousStrides, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { viewOf } from './reshape.ts';

/** x of two to four dimensions, [rows, width] at the end, with four; a copy only if x's rows are strided. */
export function asHeads(x: Tensor): Tensor {
  x.checkAlive();
  const unit = x.strides === null || x.strides[x.rank - 1] === 1;
  const source = unit ? x : rowMajor(x);
  const strides = source.strides ?? contiguousStrides(source.shape);
  return viewOf(source, withHeads(source.shape, 1), withHeads(strides, 0));
}

/** Sizes (or strides) of two to four dimensions as four: N and H are `missing` where there are none. */
export function withHeads(sizes: readonly number[], missing: number): number[] {
  if (sizes.length === 4) return [...sizes];
  return sizes.length === 3 ? [sizes[0], missing, sizes[1], sizes[2]] : [missing, missing, sizes[0], sizes[1]];
}

/** The same memory with the dimensions that it had before `asHeads`. */
export function withoutHeads(x: Tensor, shape: Shape): Tensor {
  return shape.length === 4 ? x : viewOf(x, shape, null);
}

/** Room for [N, H, rows, width], the heads beside each other in each row if those of `like` are. */
export function emptyHeads(shape: Shape, like: Tensor): Tensor {
  const [n, h, rows, width] = shape;
  if (like.strides === null || like.strides[1] >= like.strides[2]) return Tensor.empty(shape, like.dtype);
  return viewOf(Tensor.empty([n, rows, h, width], like.dtype), shape, [rows * h * width, width, h * width, 1]);
}

/** The heads [N, H, L, width] of the part `index` of `parts` that stand beside each other in x: [N, L, parts·H·width]. */
export function packedHeads(x: Tensor, heads: number, index: number, parts: number): Tensor {
  const [n, rows, all] = x.shape;
  const width = all / (parts * heads);
  return viewOf(x, [n, heads, rows, width], [rows * all, width, all, 1], index * heads * width);
}
