import fc, { type Arbitrary } from 'fast-check';
import type { Dims } from '../../src/ops/dims.ts';
import { multinomial } from '../../src/ops/multinomial.ts';
import { softmaxNll } from '../../src/ops/cross-entropy.ts';
import { ctc } from '../../src/ops/ctc.ts';
import { nll } from '../../src/ops/nll.ts';
import { Generator } from '../../src/random/generator.ts';
import { sizeOf, type Shape } from '../../src/shape.ts';
import type { Tensor } from '../../src/tensor.ts';
import { ALONG_ONE, OVER_DIMS } from '../op-samples/reductions.ts';
import { calls, constant, dimOf, filled, indicesBelow, joined, ofShapes, seed, shapeAndDim, shapes } from './call.ts';
import type { Call, OpCalls, Space } from './call.ts';

type OverDims = (x: Tensor, dim: Dims, keepdim: boolean) => Tensor;

/** All dimensions, one, or some; from the front or from the end. */
export function dimsOf(shape: Shape): Arbitrary<Dims> {
  if (shape.length === 0) return fc.constant(undefined);
  const several = fc
    .tuple(
      fc.subarray(
        shape.map((_, d) => d),
        { minLength: 1 },
      ),
      fc.boolean(),
    )
    .map(([dims, fromEnd]) => (fromEnd ? dims.map((d) => d - shape.length) : dims));
  return fc.oneof(fc.constant(undefined), dimOf(shape), several);
}

const overDims =
  (run: OverDims, needsSome = false) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      shapes(needsSome ? filled(space) : space).chain((shape) =>
        fc.record({ shape: fc.constant(shape), dim: dimsOf(shape), keepdim: fc.boolean() }),
      ),
      ({ shape, dim, keepdim }) => ({ inputs: ofShapes(shape), run: (x) => run(x, dim, keepdim) }),
    );

const along =
  (run: (x: Tensor, dim: number, keepdim: boolean) => Tensor, needsSome = false) =>
  (space: Space): Arbitrary<Call> =>
    calls(
      fc.tuple(shapeAndDim(space), fc.boolean()).filter(([{ shape, dim }]) => !needsSome || shape.at(dim) !== 0),
      ([{ shape, dim }, keepdim]) => ({ inputs: ofShapes(shape), run: (x) => run(x, dim, keepdim) }),
    );

const whole =
  (run: (x: Tensor) => Tensor) =>
  (space: Space): Arbitrary<Call> =>
    calls(shapes(filled(space)), (shape) => ({ inputs: ofShapes(shape), run }));

const either =
  (...kinds: ((space: Space) => Arbitrary<Call>)[]) =>
  (space: Space): Arbitrary<Call> =>
    fc.oneof(...kinds.map((kind) => kind(space)));

/** Of nothing they are an error, or NaN, which has no derivative: zero-sizes.test.ts. */
const NEED_SOME = ['amax', 'amin', 'mean', 'std', 'var'];

/** Targets [N, ...] with a number of classes, and the options of their losses. */
const classified = (space: Space) =>
  fc.record({
    shape: fc
      .tuple(shapes(space, { to: 3 }), space.some)
      .filter(([shape, classes]) => shape.length > 0 && sizeOf(shape) * classes <= 2 * space.most),
    hasWeight: fc.boolean(),
    ignoreIndex: fc.constantFrom(-100, 0),
    labelSmoothing: fc.constantFrom(0, 0.2),
    from: seed,
  });

/** Operations along dimensions, and losses. */
export const reductionCalls: OpCalls = {
  ...Object.fromEntries(OVER_DIMS.map(([op, run]) => [op, overDims(run, NEED_SOME.includes(op))])),
  ...Object.fromEntries(ALONG_ONE.map(([op, run]) => [op, along(run)])),
  all: overDims((x, dim, keepdim) => x.gt(-0.9).all(dim, keepdim)),
  any: overDims((x, dim, keepdim) => x.gt(0.9).any(dim, keepdim)),
  argmax: either(
    along((x, dim, keepdim) => x.argmax(dim, keepdim), true),
    whole((x) => x.argmax()),
  ),
  argmin: either(
    along((x, dim, keepdim) => x.argmin(dim, keepdim), true),
    whole((x) => x.argmin()),
  ),
  argsort: along((x, dim, descending) => x.argsort(dim, descending)),
  ctc: (space) =>
    calls(
      fc
        .record({
          steps: space.size,
          classes: fc.integer({ min: 2, max: 5 }),
          sequences: fc.array(fc.tuple(fc.nat(100), fc.nat(3)), { maxLength: 3 }),
          isPadded: fc.boolean(),
          from: seed,
        })
        .filter(({ steps, classes, sequences }) => steps * classes * sequences.length <= space.most),
      ({ steps, classes, sequences, isPadded, from }) => ({
        inputs: ofShapes([steps, sequences.length, classes]),
        run: (x) => {
          const lengths = sequences.map(([drawn]) => drawn % (steps + 1));
          const counts = sequences.map(([, count]) => count);
          const shape = isPadded ? [counts.length, 3] : [counts.reduce((sum, n) => sum + n, 0)];
          const targets = indicesBelow(classes - 1, shape, from);
          return ctc(x.logSoftmax(2), targets, lengths, counts, { blank: classes - 1, zeroInfinity: true });
        },
      }),
    ),
  logsumexp: along((x, dim, keepdim) => x.logsumexp(dim, keepdim), true),
  max: either(
    along((x, dim, keepdim) => both(x.max(dim, keepdim)), true),
    whole((x) => x.max()),
  ),
  median: either(
    along((x, dim, keepdim) => both(x.median(dim, keepdim)), true),
    whole((x) => x.median()),
  ),
  min: either(
    along((x, dim, keepdim) => both(x.min(dim, keepdim)), true),
    whole((x) => x.min()),
  ),
  prod: either(
    along((x, dim, keepdim) => x.prod(dim, keepdim)),
    whole((x) => x.prod()),
  ),
  sort: along((x, dim, descending) => both(x.sort(dim, descending))),
  // One element has no unbiased variance.
  var: overDims((x, dim, keepdim) => x.var(dim, dim === undefined && x.size > 1, keepdim), true),
  topk: (space) =>
    calls(fc.tuple(shapeAndDim(space), fc.nat(9), fc.boolean()), ([{ shape, dim }, k, largest]) => ({
      inputs: ofShapes(shape),
      run: (x) => both(x.topk(Math.min(k, shape.at(dim)!), dim, largest)),
    })),
  multinomial: (space) =>
    calls(
      fc.record({
        rows: fc.option(space.size),
        n: space.some,
        count: space.some,
        replacement: fc.boolean(),
        from: seed,
      }),
      ({ rows, n, count, replacement, from }) => ({
        inputs: [{ shape: rows === null ? [n] : [rows, n], low: 0.1, high: 1 }],
        run: (x) =>
          multinomial(x.detach(), replacement ? count : Math.min(n, count), {
            replacement,
            generator: new Generator(from),
          }),
      }),
    ),
  nll: (space) =>
    calls(classified(space), ({ shape: [target, classes], hasWeight, ignoreIndex, from }) => ({
      inputs: ofShapes([target[0]!, classes, ...target.slice(1)]),
      run: (x) => {
        const weight = hasWeight ? constant([classes], from, x.dtype, 0.1, 2) : null;
        const { losses, totalWeight } = nll(x, indicesBelow(classes, target, from), weight, ignoreIndex);
        return joined([losses, totalWeight]);
      },
    })),
  softmaxNll: (space) =>
    calls(classified(space), ({ shape: [target, classes], hasWeight, ignoreIndex, labelSmoothing, from }) => ({
      inputs: ofShapes([target[0]!, classes, ...target.slice(1)]),
      run: (x) => {
        const weight = hasWeight ? constant([classes], from, x.dtype, 0.1, 2) : null;
        const options = { weight, ignoreIndex, labelSmoothing };
        const { losses, totalWeight } = softmaxNll(x, indicesBelow(classes, target, from), options);
        return joined([losses, totalWeight]);
      },
    })),
};

function both({ values, indices }: { values: Tensor; indices: Tensor }): Tensor {
  return joined([values, indices]);
}
