import { describe, expect, it } from 'vitest';
import { AutogradError } from '../src/errors.ts';
import { gradgradcheck } from '../src/gradcheck.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';
import { opSamples, sampledOps } from './op-samples.ts';
import { drawInputs, GRADIENT_LAYOUTS } from './op-samples/sample.ts';

/** Operations whose gradient is a kernel without a gradient of its own; `grad` refuses them by name. */
const REFUSED: readonly string[] = [
  ...['batchNorm', 'groupNorm', 'instanceNorm', 'layerNorm', 'rmsNorm'],
  ...['ctc', 'cumprod', 'prod'],
  ...['gru', 'lstm', 'rnn', 'scaledDotProductAttention', 'selfAttention'],
];

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

it.each(REFUSED)('%s is refused by name where a second gradient is asked', (op) => {
  const sample = opSamples.find((candidate) => candidate.op === op)!;
  const check = (): unknown => gradgradcheck(sample.run, drawInputs(sample, 'float64'));
  expect(check).toThrow(AutogradError);
  expect(check).toThrow('has no second-order gradient');
});
