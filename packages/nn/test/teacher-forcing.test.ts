import { Generator, manualSeed } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { forcedStretches } from '../src/seq2seq/teacher-forcing.ts';
import { largest, LENGTHS, network, SOURCE, TARGET, tokens } from './small-seq2seq.ts';

describe('teacher forcing', () => {
  it('puts the decoder its own tokens instead of the target, where chance says so', () => {
    const model = network();
    const none = tokens(3, 4, (i) => (2 * i + 1) % 5); // only its first token counts
    const own = model.forward(SOURCE, LENGTHS, TARGET, { teacherForcing: 0 });
    expect(model.forward(SOURCE, LENGTHS, none, { teacherForcing: 0 }).toArray()).toEqual(own.toArray());
    const chosen = own.argmax(2).toArray() as number[][];
    const asTarget = tokens(3, 4, (i, t) => (t === 0 ? (2 * i + 1) % 5 : chosen[i]![t - 1]!));
    expect(largest(model.forward(SOURCE, LENGTHS, asTarget).sub(own))).toBeLessThan(1e-6);
  });

  it('is the same for the same generator, which it asks once for each step, or once for a batch', () => {
    const model = network();
    const passed = (seed: number) => {
      manualSeed(seed);
      return model.forward(SOURCE, LENGTHS, TARGET, { teacherForcing: 0.5 }).toArray();
    };
    expect(passed(1)).toEqual(passed(1));
    const [perStep, perBatch] = [new Generator(1), new Generator(1)];
    forcedStretches(9, { teacherForcing: 0.5, generator: perStep });
    forcedStretches(9, { teacherForcing: 0.5, generator: perBatch, forcingPer: 'batch' });
    expect([perStep.state.position, perBatch.state.position]).toEqual([8, 1]);
    forcedStretches(9, { teacherForcing: 1, generator: perStep });
    forcedStretches(9, { teacherForcing: 0, generator: perStep });
    expect(perStep.state.position).toBe(8);
  });

  it('cuts the steps into stretches: as many given tokens as the probability says, all or none for a batch', () => {
    const generator = new Generator(7);
    const counts = Array.from(
      { length: 200 },
      () => forcedStretches(51, { teacherForcing: 0.7, generator }).length - 1,
    );
    const own = counts.reduce((sum, count) => sum + count, 0) / (200 * 50);
    expect(own).toBeGreaterThan(0.28);
    expect(own).toBeLessThan(0.32);
    const batches = Array.from({ length: 200 }, () =>
      forcedStretches(6, { teacherForcing: 0.7, generator, forcingPer: 'batch' }),
    );
    expect(new Set(batches.map(({ length }) => length))).toEqual(new Set([1, 6]));
    expect(forcedStretches(3, { teacherForcing: 0 })).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(forcedStretches(3, {})).toEqual([[0, 3]]);
  });

  it('refuses what is no probability', () => {
    const forward = () => network().forward(SOURCE, LENGTHS, TARGET, { teacherForcing: 1.5 });
    expect(forward).toThrow(/teacherForcing must be from 0 to 1 .* got 1.5/);
  });
});
