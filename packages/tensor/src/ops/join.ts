/** Joining tensors, part by part, and taking them apart again. */
import { record, type Node } from '../autograd.ts';
import { readsNothing } from '../autograd/versions.ts';
import { ShapeError } from '../errors.ts';
import { dimIndex, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { copyInto } from './accumulate.ts';
import { to } from './cast.ts';
import { commonType } from './elementwise.ts';
import { narrow, reshape, unsqueeze } from './reshape.ts';

/** The tensors one behind the other along dim; their other sizes must be equal. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError('cat: needs at least one tensor');
  const d = dimIndex('cat', dim, first.rank);
  for (const { shape } of tensors) {
    if (shape.length !== first.rank || !shape.every((size, i) => i === d || size === first.shape[i])) {
      throw new ShapeError(`cat: ${show(shape)} and ${show(first.shape)} differ in another dimension than ${dim}`);
    }
  }
  const dtype = tensors.reduce(
    (common, x) => (common.dtype === x.dtype ? common : to(x, commonType(common, x))),
    first,
  ).dtype;
  const parts = tensors.map((x) => to(x, dtype));
  const size = parts.reduce((sum, x) => sum + x.shape[d], 0);
  const out = Tensor.empty(
    first.shape.map((n, i) => (i === d ? size : n)),
    dtype,
  );
  let start = 0;
  for (const part of parts) {
    copyInto(narrow(out, d, start, part.shape[d]), part);
    start += part.shape[d];
  }
  return record(out, catGradient, parts, d);
}
function catGradient(grad: Tensor, { inputs, saved }: Node): (Tensor | null)[] {
  const dim = saved as number;
  let start = 0;
  return inputs.map(({ shape, requiresGrad }) => {
    const part = requiresGrad ? narrow(grad, dim, start, shape[dim]) : null;
    start += shape[dim];
    return part;
  });
}

/** The tensors, all of one shape, along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  const rank = (tensors[0]?.rank ?? 0) + 1;
  return cat(
    tensors.map((x) => unsqueeze(x, dim)),
    dimIndex('stack', dim, rank),
  );
}

/** Parts of `size` along dim (the last may be smaller), or of the given sizes. Views. */
export function split(x: Tensor, size: number | readonly number[], dim = 0): Tensor[] {
  const total = x.shape[dimIndex('split', dim, x.rank)];
  const sizes = typeof size === 'number' ? evenSizes(total, size) : size;
  if (sizes.reduce((sum, n) => sum + n, 0) !== total) {
    throw new ShapeError(`split: sizes ${show(sizes)} do not add up to ${total}`);
  }
  let start = 0;
  return sizes.map((n) => {
    start += n;
    return narrow(x, dim, start - n, n);
  });
}

/** x in `chunks` parts of equal size along dim (the last may be smaller, and there may be fewer). Views. */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  if (!Number.isInteger(chunks) || chunks < 1) {
    throw new ShapeError(`chunk: chunks must be a whole number from 1, got ${chunks}`);
  }
  const total = x.shape[dimIndex('chunk', dim, x.rank)];
  return split(x, total === 0 ? new Array<number>(chunks).fill(0) : Math.ceil(total / chunks), dim);
}

function evenSizes(total: number, size: number): number[] {
  if (!Number.isInteger(size) || size < 1)
    throw new ShapeError(`split: size must be a whole number from 1, got ${size}`);
  const count = Math.max(1, Math.ceil(total / size)); // nothing is one part of size 0
  return Array.from({ length: count }, (_, i) => Math.min(size, total - i * size));
}

/** The slices of x along dim, without that dimension. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  const d = dimIndex('unbind', dim, x.rank);
  const shape = x.shape.filter((_, i) => i !== d);
  return split(x, new Array<number>(x.shape[d]).fill(1), d).map((part) => reshape(part, shape));
}

readsNothing(catGradient);
