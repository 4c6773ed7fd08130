import { describe, expect, it } from 'vitest';
import { gradcheck } from '../src/gradcheck.ts';
import '../src/methods.ts';
import type { Tensor } from '../src/tensor.ts';
import { opSamples, sampledOps } from './op-samples.ts';
import { drawInputs, GRADIENT_LAYOUTS } from './op-samples/sample.ts';

describe.each(sampledOps)('the gradient of %s equals the central difference', (op) => {
  for (const sample of opSamples.filter((candidate) => candidate.op === op)) {
    it(`for ${sample.title}`, () => {
      for (const { after } of GRADIENT_LAYOUTS) {
        const fn = (...inputs: Tensor[]): Tensor => after(sample.run(...inputs));
        expect(gradcheck(fn, drawInputs(sample, 'float64'))).toBe(true);
      }
    });
  }
});
