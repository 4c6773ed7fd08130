import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorStatistics } from '../src/tensor-statistics.ts';

describe('tensorStatistics', () => {
  it('gives norm, mean and standard deviation', () => {
    expect(tensorStatistics([3, 4])).toEqual({ norm: 5, mean: 3.5, std: 0.5 });
  });

  it('does not change its deviation when all values move far away', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2 }), (values) => {
        const { std } = tensorStatistics(values);
        const moved = tensorStatistics(values.map((value) => value + 2 ** 40));
        expect(moved.std).toBeCloseTo(std, 3);
      }),
    );
  });
});
