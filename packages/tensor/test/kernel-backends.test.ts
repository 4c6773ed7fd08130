import { afterAll, describe, expect, it } from 'vitest';
import type { TypedArray } from '../src/dtype.ts';
import { step } from '../src/heap/step.ts';
import { blas } from '../src/kernels/blas/sgemm.ts';
import { useKernels, type KernelVariant } from '../src/kernels/dispatch.ts';
import { referenceKernels } from '../src/kernels/reference/table.ts';
import { hasRelaxedSimd, loadWasm } from '../src/kernels/wasm.ts';
import '../src/methods.ts';
import { opSamples } from './op-samples.ts';
import { drawInputs, GRADIENT_LAYOUTS, type OpSample } from './op-samples/sample.ts';

const TOLERANCE = 2e-5; // relative to 1 + |value|; docs/numerics.md

/** The result of a sample and the gradient of each input, in float32, for each layout of the result's gradient. */
function resultsOf(sample: OpSample, variant: KernelVariant, blasProducts = 0): TypedArray[] {
  useKernels(variant, blasProducts);
  return GRADIENT_LAYOUTS.flatMap(({ after }) =>
    step(() => {
      const inputs = drawInputs(sample, 'float32');
      const out = after(sample.run(...inputs));
      out.mul(out).sum().backward();
      return [out.data(), ...inputs.map((input) => input.grad?.data() ?? new Float32Array(input.size))];
    }),
  );
}

function expectClose(actual: readonly TypedArray[], expected: readonly TypedArray[]): void {
  for (const [which, values] of expected.entries()) {
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(actual[which]![i]! - value) / (1 + Math.abs(value));
      if (!(difference <= TOLERANCE)) {
        expect.fail(`tensor ${which}, element ${i}: ${actual[which]![i]} but ${value}`);
      }
    }
    expect(actual[which]!.length).toBe(values.length);
  }
}

describe.each(['strict', 'relaxed'] as const)('%s kernels give what the reference kernels give', (variant) => {
  afterAll(() => useKernels('strict'));

  it.each(opSamples)('$op: $title', (sample) => {
    expect(hasRelaxedSimd()).toBe(true);
    expectClose(resultsOf(sample, variant), resultsOf(sample, 'reference'));
  });
});

describe.skipIf(blas().path === null)('kernels that leave all products to BLAS give what the reference gives', () => {
  afterAll(() => useKernels('strict'));

  it.each(opSamples)('$op: $title', (sample) => {
    expectClose(resultsOf(sample, 'relaxed', 1), resultsOf(sample, 'reference'));
  });
});

it.each(['strict', 'relaxed'] as const)('the %s binary and the reference table hold the same kernels', (variant) => {
  expect(hasRelaxedSimd()).toBe(true);
  const exported = Object.keys(loadWasm(variant)).filter((name) => !['memory', 'setScratch', 'setBlas'].includes(name));
  expect(exported.sort()).toEqual(Object.keys(referenceKernels).sort());
});
