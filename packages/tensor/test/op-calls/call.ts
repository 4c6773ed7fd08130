/** Random calls of operations: how they are written down, and the shapes that they are made of. */
import fc, { type Arbitrary } from 'fast-check';
import { fromTypedArray } from '../../src/create.ts';
import type { DType } from '../../src/dtype.ts';
import '../../src/methods.ts';
import { cat } from '../../src/ops/join.ts';
import { Generator } from '../../src/random/generator.ts';
import { sizeOf, type Shape } from '../../src/shape.ts';
import { Tensor } from '../../src/tensor.ts';
import type { SampleInput } from '../op-samples/sample.ts';

/** One call: its float inputs, and the operation with everything else that it was drawn with. */
export interface Call {
  readonly inputs: readonly SampleInput[];
  readonly run: (...inputs: Tensor[]) => Tensor;
}

/** Where sizes are drawn from. */
export interface Space {
  /** From 0 on. */
  readonly size: Arbitrary<number>;
  /** From 1 on. */
  readonly some: Arbitrary<number>;
  /** No tensor has more elements. */
  readonly most: number;
}

/** For each operation, its calls in a space. */
export type OpCalls = Readonly<Record<string, (space: Space) => Arbitrary<Call>>>;

/** So few elements that each can be moved for a central difference. */
export const FEW: Space = { size: fc.integer({ min: 0, max: 3 }), some: fc.integer({ min: 1, max: 3 }), most: 24 };

const some = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 7 }) },
  { weight: 1, arbitrary: fc.constantFrom(8, 15, 16, 17, 31, 33, 64, 67, 130) }, // lanes, tiles and what lies beside them
);

/** Small sizes, at times none, at times one that crosses the borders of vectors and tiles. */
export const WIDE: Space = {
  size: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 9, arbitrary: some }),
  some,
  most: 3000,
};

/** Calls made of what `drawn` gives; a counter-example shows what was drawn. */
export function calls<D>(drawn: Arbitrary<D>, call: (drawn: D) => Call): Arbitrary<Call> {
  return drawn.map((values) => ({ ...call(values), [fc.toStringMethod]: () => fc.stringify(values) }));
}

export interface Ranks {
  readonly from?: number;
  readonly to?: number;
}

/** Shapes of `from` to `to` dimensions; at least one element where `size` gives no 0. */
export function shapes({ size, most }: Space, { from = 0, to = 4 }: Ranks = {}): Arbitrary<Shape> {
  return fc.array(size, { minLength: from, maxLength: to }).filter((shape) => sizeOf(shape) <= most);
}

/** The same space without sizes of 0. */
export function filled(space: Space): Space {
  return { ...space, size: space.some };
}

/** `count` shapes that broadcast to one. */
export function broadcasting(space: Space, count: number): Arbitrary<Shape[]> {
  return shapes(space).chain((whole) => {
    const part = fc
      .tuple(fc.integer({ min: 0, max: whole.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([left, ones]) => whole.slice(left).map((n, d) => (ones[d] ? 1 : n)));
    return fc.array(fc.oneof(fc.constant(whole), part), { minLength: count, maxLength: count });
  });
}

/** A dimension of a shape, also counted from its end. */
export function dimOf({ length }: Shape): Arbitrary<number> {
  return fc.integer({ min: -length, max: length - 1 });
}

/** A shape and one of its dimensions. */
export function shapeAndDim(space: Space, ranks: Ranks = {}): Arbitrary<{ shape: Shape; dim: number }> {
  return shapes(space, { from: 1, ...ranks }).chain((shape) =>
    fc.record({ shape: fc.constant(shape), dim: dimOf(shape) }),
  );
}

/** What picks the numbers of a call. */
export const seed = fc.nat(10_000);

/** int32 in [0, bound) for bound > 0, in a transposed memory for odd seeds. */
export function indicesBelow(bound: number, shape: Shape, from: number): Tensor {
  const order = shape.map((_, d) => shape.length - 1 - d);
  const values = (stored: Shape): Tensor =>
    fromTypedArray(
      Int32Array.from({ length: sizeOf(stored) }, () => generator.below(bound)),
      stored,
    );
  const generator = new Generator(from);
  return from % 2 === 0 ? values(shape) : values(order.map((d) => shape[d]!)).permute(order);
}

/** true and false, a constant of a call. */
export function randomMask(shape: Shape, from: number): Tensor {
  return indicesBelow(2, shape, from).eq(1);
}

/** Numbers in [low, high), a constant of a call. */
export function constant(shape: Shape, from: number, dtype: DType, low = -1, high = 1): Tensor {
  const generator = new Generator(from);
  return fromTypedArray(
    Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * generator.uniform()),
    shape,
    { dtype },
  );
}

/** The same numbers in memory that outlives the step. */
export function longLived(x: Tensor): Tensor {
  const copy = Tensor.emptyLongLived(x.shape, x.dtype);
  copy.view().set(x.data());
  return copy;
}

/** All results of an operation as one; whole numbers become floats. */
export function joined(parts: readonly Tensor[]): Tensor {
  const like = parts.find(({ dtype }) => dtype === 'float32' || dtype === 'float64')!.dtype;
  return cat(parts.map((part) => part.to(like).reshape([-1])));
}

export const ofShapes = (...all: Shape[]): SampleInput[] => all.map((shape) => ({ shape }));
