import { describe, expect, it } from 'vitest';
import { gradcheck } from '../src/gradcheck.ts';
import '../src/methods.ts';
import { opSamples, sampledOps } from './op-samples.ts';
import { drawInputs } from './op-samples/sample.ts';

describe.each(sampledOps)('the gradient of %s equals the central difference', (op) => {
  for (const sample of opSamples.filter((candidate) => candidate.op === op)) {
    it(`for ${sample.title}`, () => {
      expect(gradcheck(sample.run, drawInputs(sample, 'float64'))).toBe(true);
    });
  }
});
