/** Dimensions to reduce over: one, several, or all. */
import { ShapeError } from '../errors.ts';
import type { Lines } from '../kernels/lines.ts';
import { dimIndex, show, sizeOf, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { expand, reshape } from './reshape.ts';

/** One dimension, several, or all of them (undefined). */
export type Dims = number | readonly number[] | undefined;

/** Number of elements along the dims together. */
export function countOver(shape: Shape, dims: readonly number[]): number {
  return dims.reduce((product, d) => product * shape[d], 1);
}

/** Adjacent dims seen as one; null if others lie between them. */
export function mergedLines(shape: Shape, dims: readonly number[]): Lines | null {
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

/** An order of dimensions in which the dims come last. */
export function keptFirst(rank: number, dims: readonly number[]): number[] {
  const kept = Array.from({ length: rank }, (_, d) => d).filter((d) => !dims.includes(d));
  return [...kept, ...dims];
}

/** A reduced gradient, stretched back over the dims that were reduced. */
export function spread(grad: Tensor, shape: Shape, dims: readonly number[]): Tensor {
  return expand(reshape(grad, reducedShape(shape, dims, true)), shape);
}

/** The shape without the dims, or with size 1 in their place. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): Shape {
  if (keepdim) return shape.map((size, d) => (dims.includes(d) ? 1 : size));
  return shape.filter((_, d) => !dims.includes(d));
}

/** The dims as sorted indices without repeats. */
export function dimsOf(where: string, x: Tensor, dim: Dims): number[] {
  if (dim === undefined) return x.shape.map((_, d) => d);
  const dims = (typeof dim === 'number' ? [dim] : [...dim])
    .map((d) => dimIndex(where, d, x.rank))
    .sort((a, b) => a - b);
  if (new Set(dims).size !== dims.length) throw new ShapeError(`${where}: dims ${show(dims)} name a dimension twice`);
  return dims;
}
