import fc, { type Arbitrary } from 'fast-check';
import { accumulate } from '../../src/ops/accumulate.ts';
import { dropout } from '../../src/ops/dropout.ts';
import { where } from '../../src/ops/where.ts';
import { Generator } from '../../src/random/generator.ts';
import type { Shape } from '../../src/shape.ts';
import { BINARY, UNARY, type Binary, type Unary } from '../op-samples/elementwise.ts';
import { broadcasting, calls, ofShapes, randomMask, seed, shapeAndDim, shapes } from './call.ts';
import type { Call, OpCalls, Space } from './call.ts';

const WITHOUT_GRADIENT: readonly Unary[] = [
  ['ceil', (x) => x.mul(3).ceil()],
  ['floor', (x) => x.mul(3).floor()],
  ['round', (x) => x.mul(3).round()],
  ['trunc', (x) => x.mul(3).trunc()],
  ['sign', (x) => x.sign()],
  ['detach', (x) => x.detach()],
  ['isnan', (x) => where(x.gt(0), x, NaN).isnan()],
  ['isfinite', (x) => where(x.gt(0), x, Infinity).isfinite()],
  ['logicalNot', (x) => x.relu().logicalNot()],
];

const COMPARISONS: readonly Binary[] = [
  ['eq', (a, b) => a.round().eq(b.round())],
  ['ne', (a, b) => a.round().ne(b.round())],
  ['lt', (a, b) => a.lt(b)],
  ['le', (a, b) => a.round().le(b.round())],
  ['gt', (a, b) => a.gt(b)],
  ['ge', (a, b) => a.round().ge(b.round())],
  ['logicalAnd', (a, b) => a.relu().logicalAnd(b.gt(0))],
  ['logicalOr', (a, b) => a.relu().logicalOr(b.relu())],
  ['logicalXor', (a, b) => a.relu().logicalXor(b.relu())],
];

const IN_PLACE: readonly Binary[] = [
  ['add_', (x, y) => x.add_(y)],
  ['sub_', (x, y) => x.sub_(y)],
  ['mul_', (x, y) => x.mul_(y)],
  ['div_', (x, y) => x.div_(y), {}, { low: 0.5, high: 2 }],
  ['copy_', (x, y) => x.copy_(y)],
  ['relu_', (x) => x.relu_()],
  ['clamp_', (x) => x.clamp_(-0.5, 0.5)],
  ['zero_', (x) => x.zero_()],
  ['fill_', (x) => x.fill_(0.25)],
];

/** Rows of one table by operation: calls of any of an operation's rows. */
function byName<Row extends readonly [op: string, ...unknown[]]>(
  table: readonly Row[],
  callsOf: (row: Row, space: Space) => Arbitrary<Call>,
): OpCalls {
  const names = [...new Set(table.map(([op]) => op))];
  return Object.fromEntries(
    names.map((op) => [
      op,
      (space: Space) => fc.oneof(...table.filter(([name]) => name === op).map((row) => callsOf(row, space))),
    ]),
  );
}

const ofOne = ([, run, range = {}]: Unary, space: Space): Arbitrary<Call> =>
  calls(shapes(space), (shape) => ({ inputs: [{ shape, ...range }], run }));

const ofTwo = ([, run, a = {}, b = {}]: Binary, space: Space): Arbitrary<Call> =>
  calls(broadcasting(space, 2), ([left, right]) => ({
    inputs: [
      { shape: left!, ...a },
      { shape: right!, ...b },
    ],
    run,
  }));

/** A view of a part of a result, changed by something that broadcasts to it. */
const inPlace = ([, change, a = {}, b = {}]: Binary, space: Space): Arbitrary<Call> =>
  calls(
    shapes(space).chain((shape) =>
      fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, d) => d)), fc.nat(shape.length), fc.boolean()),
    ),
    ([shape, ones, left, isPart]) => ({
      inputs: [
        { shape, ...a },
        { shape: shape.map((n, d) => (ones.includes(d) ? 1 : n)).slice(left), ...b },
      ],
      run: (x, y) => {
        const result = x.clone();
        const part = isPart ? result.permute(shape.map((_, d) => shape.length - 1 - d)) : result;
        if (isPart && !part.shape.includes(0) && part.rank > 0) part.select(0, 0).fill_(0.125);
        change(result, y!);
        return result.mul(x);
      },
    }),
  );

/** Elementwise operations. */
export const elementwiseCalls: OpCalls = {
  ...byName([...UNARY, ...WITHOUT_GRADIENT], ofOne),
  ...byName([...BINARY, ...COMPARISONS], ofTwo),
  ...byName(IN_PLACE, inPlace),
  // What both tables have takes numbers as well as tensors.
  ...byName([...UNARY.filter(([op]) => BINARY.some(([other]) => other === op)), ...BINARY], (row, space) =>
    row[1].length === 1 ? ofOne(row as Unary, space) : ofTwo(row as Binary, space),
  ),
  maskedFill: (space) =>
    calls(fc.tuple(broadcasting(space, 2), seed), ([[a, b], from]) => ({
      inputs: ofShapes(a!),
      run: (x) => x.maskedFill(randomMask(b!, from), -3),
    })),
  where: (space) =>
    calls(fc.tuple(broadcasting(space, 3), seed), ([[c, a, b], from]) => ({
      inputs: ofShapes(a!, b!),
      run: (x, y) => where(randomMask(c!, from), x, y!),
    })),
  glu: (space) =>
    calls(shapeAndDim(space, { to: 3 }), ({ shape, dim }) => ({
      inputs: ofShapes(shape.with(dim, 2 * shape.at(dim)!)),
      run: (x) => x.glu(dim),
    })),
  prelu: (space) =>
    calls(fc.tuple(shapes(space, { from: 1 }), fc.boolean()), ([shape, isShared]) => ({
      inputs: ofShapes(shape, [isShared ? 1 : (shape[1] ?? 1)]),
      run: (x, weight) => x.prelu(weight!),
    })),
  accumulate: (space) =>
    calls(broadcasting(space, 2), ([a, b]) => ({
      inputs: ofShapes(a!, b!),
      run: (x, y) => {
        const target = x.add(y!).detach().clone();
        accumulate(target, y!.detach());
        return target;
      },
    })),
  dropout: (space) =>
    calls(
      fc.tuple(
        shapes(space, { from: 1 }).chain((shape) => fc.tuple(fc.constant(shape), runOfDims(shape))),
        seed,
        fc.constantFrom(0, 0.3, 0.5, 1),
      ),
      ([[shape, unitDims], from, p]) => ({
        inputs: ofShapes(shape),
        run: (x) => dropout(x, p, { unitDims, from: new Generator(from).state }),
      }),
    ),
};

/** Neighbouring dimensions. */
function runOfDims(shape: Shape): Arbitrary<number[]> {
  return fc
    .tuple(fc.nat(shape.length - 1), fc.nat(shape.length - 1))
    .map(([a, b]) => shape.map((_, d) => d).filter((d) => d >= Math.min(a, b) && d <= Math.max(a, b)));
}
