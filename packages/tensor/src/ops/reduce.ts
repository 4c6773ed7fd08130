/** Reductions over one, several or all dimensions. */
import { record, type Node } from '../autograd.ts';
import { readsNothing } from '../autograd/versions.ts';
import { block, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindLines } from '../kernels/lines.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { mul } from './arithmetic.ts';
import { to } from './cast.ts';
import { countOver, dimsOf, keptFirst, mergedLines, reducedShape, spread, type Dims } from './dims.ts';
import { checkFloat } from './elementwise.ts';
import { fill } from './fill.ts';
import { permute } from './reshape.ts';
import { maskedBy, where } from './where.ts';

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
  const count = countOver(x.shape, dims);
  return record(total(x, dim, keepdim, 1 / count), meanGradient, [x], { dims, count });
}
function meanGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  const { dims, count } = saved as { dims: number[]; count: number };
  return [spread(mul(grad, 1 / count), x.shape, dims)];
}

/** Variance of x over dim, Σ(x − mean)²/(n − 1), or /n if not unbiased; NaN where that is 0/0. */
export function variance(x: Tensor, dim?: Dims, unbiased = true, keepdim = false): Tensor {
  checkFloat('var', x);
  const dims = dimsOf('var', x, dim);
  const count = countOver(x.shape, dims);
  const centred = x.sub(mean(x, dims, true));
  return mul(sum(mul(centred, centred), dims, keepdim), 1 / Math.max(count - Number(unbiased), 0));
}

/** Standard deviation of x over dim: √var; its gradient at 0 is 0. */
export function std(x: Tensor, dim?: Dims, unbiased = true, keepdim = false): Tensor {
  const dims = dimsOf('std', x, dim);
  const out = variance(x.detach(), dims, unbiased, keepdim).sqrt();
  return record(out, stdGradient, [x], { dims, degrees: countOver(x.shape, dims) - (unbiased ? 1 : 0) });
}
function stdGradient(grad: Tensor, { inputs: [x], output, saved }: Node): Tensor[] {
  const { dims, degrees } = saved as { dims: number[]; degrees: number };
  const ratio = overNonZero(grad, output).mul(1 / degrees);
  return [mul(spread(ratio, x.shape, dims), x.sub(mean(x, dims, true)))];
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
  const ratio = overNonZero(grad, output);
  return [mul(spread(ratio, x.shape, dims), x)];
}

/** x/y, and 0 where y is 0, also in all gradients. */
function overNonZero(x: Tensor, y: Tensor): Tensor {
  const some = y.ne(0);
  return maskedBy(some, x.div(where(some, y, 1)));
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
  const n = countOver(x.shape, dims);
  const kernels = kernelsFor(x.dtype);
  bindLines(out.address, source.address, 0, lines ?? { outer: x.size / n, n, inner: 1 });
  reals[0] = scale;
  kernels.sum(block);
  return out;
}

readsNothing(sumGradient, meanGradient);
