import { Generator, manualSeed } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { chooseToken, type SamplingOptions } from '../src/decoding/choose-token.ts';
import { generate } from '../src/decoding/generate.ts';
import { GPT } from '../src/models/gpt.ts';

const PROBABILITIES = [0.1, 0.5, 0.15, 0.25];
const logits = Float32Array.from(PROBABILITIES, Math.log);

/** How often each of four tokens is drawn in 4,000 draws, in parts of one. */
function shares(options: SamplingOptions): number[] {
  const generator = new Generator(7);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) counts[chooseToken(logits, { ...options, generator })]! += 1 / 4000;
  return counts;
}

const expectShares = (options: SamplingOptions, expected: readonly number[]): void =>
  shares(options).forEach((share, token) => expect(Math.abs(share - expected[token])).toBeLessThan(0.03));

describe('chooseToken', () => {
  it('draws by the probabilities, sharper or flatter by the temperature', () => {
    expectShares({}, PROBABILITIES);
    const squares = PROBABILITIES.map((p) => p ** 2);
    const total = squares.reduce((a, b) => a + b);
    expectShares(
      { temperature: 0.5 },
      squares.map((p) => p / total),
    );
    expect(shares({ temperature: 0 })[1]).toBeCloseTo(1);
  });

  it('draws among the topK most probable, or those that reach topP', () => {
    expectShares({ topK: 2 }, [0, 2 / 3, 0, 1 / 3]);
    expectShares({ topP: 0.7 }, [0, 2 / 3, 0, 1 / 3]);
    expectShares({ topP: 0.4 }, [0, 1, 0, 0]);
    expect(shares({ topP: 0.8 })[0]).toBe(0);
  });

  it('refuses options out of range', () => {
    expect(() => chooseToken(logits, { topK: 0 })).toThrow('topK 0 at least 1');
    expect(() => chooseToken(logits, { topP: 1.5 })).toThrow('topP 1.5 above 0 up to 1');
    expect(() => chooseToken(logits, { temperature: -1 })).toThrow('temperature -1 must be at least 0');
  });
});

describe('generate', () => {
  it('continues beyond the context, the same for the same generator, and leaves the model training', () => {
    manualSeed(2);
    const model = new GPT({ vocabSize: 9, contextLength: 4, layers: 1, heads: 2, width: 8, dropout: 0.5 });
    const text = (seed: number): number[] =>
      generate(model, [3, 1], { maxNewTokens: 10, generator: new Generator(seed) });
    expect(text(1)).toEqual(text(1));
    expect(text(1)).not.toEqual(text(2));
    expect(text(1).slice(0, 2)).toEqual([3, 1]);
    expect(text(1)).toHaveLength(12);
    expect(model.training).toBe(true);
  });
});
