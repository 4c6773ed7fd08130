import { record, type Node } from '../autograd.ts';
import { readsNothing } from '../autograd/versions.ts';
import { GradwireError, ShapeError } from '../errors.ts';
import { block, openBlock, reals } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { defaultGenerator } from '../random/default-generator.ts';
import type { GeneratorState } from '../random/generator.ts';
import { show, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { checkFloat } from './elementwise.ts';

export interface DropoutOptions {
  /**
   * Neighbouring dimensions whose indices decide what is dropped as one: [0, 1] whole channels, [0] whole samples,
   * [1, 2] the same places in all samples. All of them unless given.
   */
  readonly unitDims?: readonly number[];
  /** Where the random numbers begin (a whole four); the default generator's next ones unless given. */
  readonly from?: GeneratorState;
}

interface Saved {
  readonly p: number;
  readonly from: GeneratorState;
  readonly sizes: readonly [repeats: number, units: number, inner: number];
}

/**
 * Dropout (Srivastava et al. 2014): zero with probability p, else x/(1 − p). x: any shape → the same. The mask follows
 * from random numbers that backward computes again, so it takes no memory. Throws GradwireError ERR_RANDOM unless p is
 * from 0 to 1.
 */
export function dropout(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  checkFloat('dropout', x);
  if (!(p >= 0 && p <= 1)) throw new GradwireError('ERR_RANDOM', `dropout: p must be from 0 to 1, got ${p}`);
  const sizes = unitSizes(x, options.unitDims);
  const saved: Saved = { p, from: options.from ?? defaultGenerator().reserve(sizes[1]), sizes };
  return masked(x, saved);
}
function dropoutGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [masked(grad, saved as Saved)];
}

function masked(x: Tensor, saved: Saved): Tensor {
  const { p, from, sizes } = saved;
  const [source, out] = [rowMajor(x), Tensor.empty(x.shape, x.dtype)];
  const kernels = kernelsFor(x.dtype);
  const words = openBlock();
  const put = (index: number, value: number): void => {
    words[index] = value % 2 ** 32;
    words[index + 1] = Math.floor(value / 2 ** 32);
  };
  words[0] = source.address;
  words[1] = out.address;
  words.set(sizes, 2);
  put(5, from.position / 4);
  put(7, from.stream);
  put(9, from.seed);
  words[11] = Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
  reals[0] = p === 1 ? 0 : 1 / (1 - p); // what lies above the greatest threshold is dropped by the factor
  kernels.dropout(block);
  return record(out, dropoutGradient, [x], saved);
}

/** x as [repeats, units, inner]. */
function unitSizes(x: Tensor, dims: readonly number[] | undefined): Saved['sizes'] {
  if (!dims) return [1, x.size, 1];
  const isRun = dims.length > 0 && dims.every((dim, i) => dim === dims[0] + i && dim >= 0 && dim < x.rank);
  if (!isRun)
    throw new ShapeError(`dropout: unitDims ${show(dims)} must be neighbouring dimensions of x ${show(x.shape)}`);
  const [first, end] = [dims[0], dims[0] + dims.length];
  return [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first, end)), sizeOf(x.shape.slice(end))];
}

readsNothing(dropoutGradient);
