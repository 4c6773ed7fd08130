import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { TypedArray } from '../src/dtype.ts';
import { step } from '../src/heap/step.ts';
import { useKernels, type KernelVariant } from '../src/kernels/dispatch.ts';
import '../src/methods.ts';
import { Generator } from '../src/random/generator.ts';
import type { Tensor } from '../src/tensor.ts';

/** Shapes [outer, n, inner] that cross the borders of SIMD lanes, of unrolled loops and of blocks of 4096. */
const lines = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(255, 257, 4095, 4111, 8200)),
  fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 22, 33)),
);

interface Reduction {
  readonly name: string;
  readonly run: (x: Tensor) => Tensor;
  /** Largest difference from the reference, relative to 1 + |value|; 0: equal bits. */
  readonly tolerance: number;
}

const REDUCTIONS: readonly Reduction[] = [
  { name: 'sum', run: (x) => x.sum(1), tolerance: 2e-4 },
  { name: 'mean', run: (x) => x.mean(1), tolerance: 1e-6 },
  { name: 'sum of everything', run: (x) => x.sum(), tolerance: 2e-4 },
  { name: 'max', run: (x) => x.max(1).values, tolerance: 0 },
  { name: 'min', run: (x) => x.min(1).values, tolerance: 0 },
  { name: 'argmax', run: (x) => x.argmax(1), tolerance: 0 },
  { name: 'cumsum', run: (x) => x.cumsum(1), tolerance: 1e-6 },
  { name: 'softmax', run: (x) => x.softmax(1), tolerance: 1e-6 },
  { name: 'logSoftmax', run: (x) => x.logSoftmax(1), tolerance: 1e-6 },
];

function resultOf({ run }: Reduction, shape: number[], seed: number, variant: KernelVariant): TypedArray {
  useKernels(variant);
  return step(() => run(new Generator(seed).randn(shape)).data());
}

describe('compiled reductions give what the reference gives, for lines of any length', () => {
  afterAll(() => useKernels('strict'));

  it.each(REDUCTIONS)('$name', (reduction) => {
    const property = fc.property(lines, fc.nat(), (shape, seed) => {
      const expected = resultOf(reduction, shape, seed, 'reference');
      const actual = resultOf(reduction, shape, seed, 'strict');
      expect(actual.length).toBe(expected.length);
      const wrong = expected.findIndex(
        (value, i) => !(Math.abs(actual[i]! - value) <= reduction.tolerance * (1 + Math.abs(value))),
      );
      expect(wrong === -1 ? 'equal' : `[${wrong}] is ${actual[wrong]}, not ${expected[wrong]}`).toBe('equal');
    });
    fc.assert(property, { numRuns: 40 });
  });
});
