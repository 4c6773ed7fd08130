import { describe, expect, it } from 'vitest';
import { AutogradError } from '../src/errors.ts';
import { gradgradcheck } from '../src/gradcheck.ts';
import '../src/methods.ts';
import { tensor } from '../src/create.ts';
import { batchNorm } from '../src/ops/batch-norm.ts';
import type { Tensor } from '../src/tensor.ts';
import { opSamples, sampledOps } from './op-samples.ts';
import { drawInputs, GRADIENT_LAYOUTS } from './op-samples/sample.ts';

/** Operations whose gradient has no gradient of its own; `grad` refuses them by name. */
const REFUSED: readonly string[] = ['ctc'];

describe.each(sampledOps.filter((op) => !REFUSED.includes(op)))('the second gradient of %s is right', (op) => {
  for (const sample of opSamples.filter((candidate) => candidate.op === op)) {
    it(`for ${sample.title}`, () => {
      for (const { after } of GRADIENT_LAYOUTS.slice(0, 2)) {
        const fn = (...inputs: Tensor[]): Tensor => after(sample.run(...inputs));
        expect(gradgradcheck(fn, drawInputs(sample, 'float64'))).toBe(true);
      }
    });
  }
});

it('batchNorm over several workers is refused by name where a second gradient is asked', () => {
  const x = tensor([[1], [2], [4]], { dtype: 'float64', requiresGrad: true });
  const norm = (input: Tensor): Tensor => batchNorm(input, { training: true, sumOverWorkers: () => undefined });
  expect(() => gradgradcheck(norm, [x])).toThrow('batchNorm has no second-order gradient');
});

it.each(REFUSED)('%s is refused by name where a second gradient is asked', (op) => {
  const sample = opSamples.find((candidate) => candidate.op === op)!;
  const check = (): unknown => gradgradcheck(sample.run, drawInputs(sample, 'float64'));
  expect(check).toThrow(AutogradError);
  expect(check).toThrow('has no second-order gradient');
});
