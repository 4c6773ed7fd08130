import { tensor } from '@gradwire/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchedBeamSearch, beamSearch, greedyDecode, type Hypothesis } from '../src/index.ts';

const [START, END, VOCABULARY, MAX] = [0, 1, 4, 3];

/** A model whose next tokens depend on everything before them, in a way that `seed` decides. */
function logProbsAfter(tokens: readonly number[], seed: number): number[] {
  const mark = tokens.reduce((sum, token, i) => sum + (token + 1) * (i + 2.3), seed);
  const raw = Array.from({ length: VOCABULARY }, (_, token) => 2 * Math.sin(mark * (token + 1.7)));
  const total = Math.log(raw.reduce((sum, x) => sum + Math.exp(x), 0));
  return raw.map((x) => x - total);
}

/** The state is the sum of the tokens, so that a wrong row would be noticed. */
function model(seed: number) {
  return {
    start: START,
    end: END,
    maxLength: MAX,
    step: (sequences: readonly (readonly number[])[], state: readonly number[]) => {
      const expected = sequences.map((tokens) => tokens.slice(0, -1).reduce((sum, token) => sum + token, 0));
      expect(state).toEqual(expected);
      const after = sequences.map((tokens, i) => state[i]! + tokens.at(-1)!);
      return { logProbs: tensor(sequences.map((tokens) => logProbsAfter(tokens, seed))), state: after };
    },
    pick: (state: readonly number[], rows: readonly number[]) => rows.map((row) => state[row]!),
  };
}

/** Every sequence of at most MAX tokens with its score, the best first. */
function exhaustive(seed: number, lengthPenalty: number): Hypothesis[] {
  const walk = (tokens: readonly number[], logProb: number): Hypothesis[] => {
    const finished = tokens.length > 1 && tokens.at(-1) === END;
    if (finished || tokens.length === MAX + 1) {
      const score = logProb / ((5 + tokens.length - 1) / 6) ** lengthPenalty;
      return [{ tokens: tokens.slice(1, finished ? -1 : undefined), logProb, score, finished }];
    }
    return logProbsAfter(tokens, seed).flatMap((p, token) => walk([...tokens, token], logProb + p));
  };
  return walk([START], 0).sort((a, b) => b.score - a.score);
}

describe('beam search', () => {
  it('finds the best sequences of all, if it keeps enough of them, for any length penalty', () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: -1, max: 2, noNaN: true }),
      (seed, lengthPenalty) => {
        const found = beamSearch({ ...model(seed), state: [0], beams: VOCABULARY ** MAX, lengthPenalty });
        const all = exhaustive(seed, lengthPenalty);
        expect(found.length).toBe(all.length);
        found.slice(0, 5).forEach((hypothesis, i) => expect(hypothesis.score).toBeCloseTo(all[i]!.score, 4));
        expect(found[0]!.tokens).toEqual(all[0]!.tokens);
      },
    );
    fc.assert(property, { numRuns: 25, seed: 3 });
  });

  it('gives no more than `beams` sequences, the best first', () => {
    const found = beamSearch({ ...model(5), state: [0], beams: 2 });
    expect(found.length).toBe(2);
    expect(found[0]!.score).toBeGreaterThanOrEqual(found[1]!.score);
  });

  it('searches for several sources at once as for each alone', () => {
    const seeds = [4, 1, 7];
    const property = fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: -1, max: 2, noNaN: true }),
      (beams, lengthPenalty) => {
        type Row = readonly [seed: number, sum: number];
        const found = batchedBeamSearch({
          ...{ start: START, end: END, maxLength: MAX, beams, lengthPenalty, batch: seeds.length },
          state: seeds.map((seed): Row => [seed, 0]),
          step: (sequences, state: readonly Row[]) => {
            const rows = sequences.map((tokens, i) => logProbsAfter(tokens, state[i][0]));
            const after = sequences.map((tokens, i): Row => [state[i][0], state[i][1] + tokens.at(-1)!]);
            sequences.forEach((tokens, i) => expect(after[i][1]).toBe(tokens.reduce((sum, token) => sum + token, 0)));
            return { logProbs: tensor(rows), state: after };
          },
          pick: (state, rows) => rows.map((row) => state[row]),
        });
        expect(found).toEqual(seeds.map((seed) => beamSearch({ ...model(seed), state: [0], beams, lengthPenalty })));
      },
    );
    fc.assert(property, { numRuns: 25, seed: 5 });
  });

  it('divides by whatever a function makes of the length', () => {
    const [first] = beamSearch({ ...model(5), state: [0], beams: 3, lengthPenalty: (length) => length ** 2 });
    const length = first.tokens.length + Number(first.finished);
    expect(first.score).toBeCloseTo(first.logProb / length ** 2, 6);
  });

  it('refuses a search without beams', () => {
    expect(() => beamSearch({ ...model(5), state: [0], beams: 0 })).toThrow(/beams 0/);
  });
});

describe('greedy decoding', () => {
  it('takes the most probable token at each step and stops at the end token', () => {
    for (const seed of [1, 2, 3, 4]) {
      const [tokens] = greedyDecode({ ...model(seed), state: [0], batch: 1 });
      const expected = [START];
      while (expected.length <= MAX && (expected.length === 1 || expected.at(-1) !== END)) {
        const next = logProbsAfter(expected, seed);
        expected.push(next.indexOf(Math.max(...next)));
      }
      expect(tokens).toEqual(expected.slice(1, expected.at(-1) === END ? -1 : undefined));
    }
  });
});
