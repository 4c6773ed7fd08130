import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradcheck } from '../src/gradcheck.ts';
import '../src/methods.ts';
import { randn } from '../src/random/default-generator.ts';
import { batchNorm, type BatchNormOptions } from '../src/ops/batch-norm.ts';
import { zeros, ones } from '../src/create.ts';
import type { Tensor } from '../src/tensor.ts';

/** The sums of so many workers that all have the same rows: the moments are those of one. */
const alike = (workers: number) => (numbers: Float64Array) =>
  numbers.forEach((value, i) => (numbers[i] = workers * value));

describe('batchNorm over several workers', () => {
  it('has the result and the gradients of one worker where all have the same rows', () => {
    const shapes = fc.tuple(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 6 }),
    );
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('float32', 'float64'),
        (shape, workers, dtype) => {
          const [x, factors, weight] = [randn(shape).to(dtype), randn(shape).to(dtype), randn([shape[1]]).to(dtype)];
          const run = (options: BatchNormOptions): Tensor[] => {
            const inputs = [x, weight].map((tensor) => tensor.detach().requiresGrad_());
            const y = batchNorm(inputs[0]!, { weight: inputs[1]!, training: true, ...options });
            y.mul(factors).sum().backward(); // prettier-ignore
            return [y, ...inputs.map(({ grad }) => grad!)];
          };
          const [one, several] = [run({}), run({ sumOverWorkers: alike(workers) })];
          one.forEach((expected, i) => {
            const values = several[i]!.data();
            expected
              .data()
              .forEach((value, k) => expect(Math.abs(value - values[k]!)).toBeLessThan(1e-4 * (1 + Math.abs(value))));
          });
        },
      ),
    );
  });

  it('has gradients that equal the central difference', () => {
    const inputs = [randn([4, 3, 2]).to('float64'), randn([3]).to('float64'), randn([3]).to('float64')];
    const norm = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
      batchNorm(x, { weight, bias, training: true, sumOverWorkers: alike(3) });
    expect(
      gradcheck(
        norm,
        inputs.map((input) => input.requiresGrad_()),
      ),
    ).toBe(true);
  });

  it('has the unbiased variance of all rows as running variance, and takes part with no rows', () => {
    const [runningMean, runningVar] = [zeros([1]), ones([1])];
    // The other worker has the rows 1 and 5.
    const sumOverWorkers = (numbers: Float64Array): void => [2, 6, 26].forEach((sum, i) => (numbers[i]! += sum));
    const y = batchNorm(zeros([0, 1]), { runningMean, runningVar, training: true, momentum: 1, sumOverWorkers });
    expect(y.shape).toEqual([0, 1]);
    expect([runningMean.item(), runningVar.item()]).toEqual([3, 8]);
  });
});
