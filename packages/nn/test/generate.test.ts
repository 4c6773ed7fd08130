import {
  fromTypedArray,
  Generator,
  manualSeed,
  memoryUsage,
  noGrad,
  rand,
  step,
  tensor,
  type Tensor,
} from '@gradwire/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beamSearch } from '../src/decoding/beam-search.ts';
import { chooseToken, type SamplingOptions } from '../src/decoding/choose-token.ts';
import { generate, generateBeams } from '../src/decoding/generate.ts';
import { GPT } from '../src/models/gpt.ts';
import { Llama } from '../src/models/llama.ts';

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

  it('keeps as many of equally probable tokens as topK says, the first of them', () => {
    const generator = new Generator(1);
    const drawn = new Set(
      Array.from({ length: 200 }, () => chooseToken(Float32Array.of(1, 3, 1, 3, 1, 0), { topK: 4, generator })),
    );
    expect([...drawn].sort()).toEqual([0, 1, 2, 3]);
  });

  it('refuses options out of range', () => {
    expect(() => chooseToken(logits, { topK: 0 })).toThrow('topK 0 at least 1');
    expect(() => chooseToken(logits, { topP: 1.5 })).toThrow('topP 1.5 above 0 up to 1');
    expect(() => chooseToken(logits, { temperature: -1 })).toThrow('temperature -1 must be at least 0');
  });
});

const SIZES = { vocabSize: 9, layers: 2, heads: 4, width: 16 };
type Model = GPT | Llama;
const MODELS: readonly { name: string; create: (contextLength: number) => Model }[] = [
  { name: 'GPT', create: (contextLength) => new GPT({ ...SIZES, contextLength, dropout: 0.2 }) },
  { name: 'Llama', create: (contextLength) => new Llama({ ...SIZES, contextLength, keyValueHeads: 2 }) },
];

/** A model whose distributions are not nearly even. */
function sharp(create: (contextLength: number) => Model, contextLength: number): Model {
  const model = create(contextLength);
  noGrad(() => model.parameters().forEach((parameter) => parameter.rank > 1 && parameter.mul_(12)));
  return model;
}

const row = (tokens: readonly number[]): Tensor => fromTypedArray(Int32Array.from(tokens), [1, tokens.length]);

/** The logits behind a text by a whole forward over its last contextLength tokens. */
function logitsBehind(model: Model, text: readonly number[]): Float32Array {
  const seen = text.slice(-model.contextLength);
  return step(() => noGrad(() => model.forward(row(seen)).select(1, -1).data() as Float32Array));
}

/** `generate` without a cache. */
function slowly(model: Model, prompt: readonly number[], count: number, end: number): number[] {
  const text = [...prompt];
  const isOver = (): boolean => text.length > prompt.length && text.at(-1) === end;
  while (text.length < prompt.length + count && !isOver()) {
    text.push(chooseToken(logitsBehind(model, text), { temperature: 0 }));
  }
  return text;
}

describe.each(MODELS)('$name with a cache', ({ create }) => {
  it('gives the logits of the whole forward, however the sequences are cut and padded in front', () => {
    const sizes = fc.record({
      seed: fc.nat(1000),
      padding: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      parts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
    });
    const property = fc.property(sizes, ({ seed, padding, parts }) => {
      manualSeed(seed);
      const length = parts.reduce((a, b) => a + b) + 3; // padding is at most 3 long
      const model = sharp(create, length).eval();
      step(() =>
        noGrad(() => {
          const tokens = rand([padding.length, length]).mul(9).to('int32');
          const isPadding = padding.map((front) => Array.from({ length }, (_, t) => Number(t < front)));
          const mask = padding.some((front) => front > 0) ? tensor(isPadding, { dtype: 'bool' }) : null;
          const cache = model.newCache(padding.length);
          const logits = [...parts, 3].map((part) => {
            const [start, end] = [cache.length, cache.length + part];
            return model.forward(tokens.slice(1, start, end), { cache, keyPaddingMask: mask && mask.slice(1, 0, end) });
          });
          padding.forEach((front, n) => {
            const whole = model.forward(tokens.slice(0, n, n + 1).slice(1, front, length)).data();
            const cut = logits
              .flatMap((part) => part.select(0, n).toArray() as number[][])
              .slice(front)
              .flat();
            expect(cut.length).toBe(whole.length);
            cut.forEach((logit, i) => expect(Math.abs(logit - whole[i])).toBeLessThan(1e-5 * (1 + Math.abs(whole[i]))));
          });
          cache[Symbol.dispose]();
        }),
      );
      for (const parameter of model.parameters()) parameter[Symbol.dispose]();
    });
    fc.assert(property, { numRuns: 30, seed: 4 });
  });

  it('continues texts of unequal lengths as each alone, up to the end token, also beyond the context', () => {
    manualSeed(8);
    const model = sharp(create, 12).eval();
    const prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 1, 2], [0, 3]]; // prettier-ignore
    const expected = prompts.map((prompt) => slowly(model, prompt, 14, 5));
    expect(new Set(expected.map(({ length }) => length)).size).toBeGreaterThan(1);
    expect(generate(model, prompts, { maxNewTokens: 14, end: 5, temperature: 0 })).toEqual(expected);
    expect(generate(model, prompts[2], { maxNewTokens: 14, end: 5, temperature: 0 })).toEqual(expected[2]);
  });

  it('finds the beams that a search without a cache finds', () => {
    manualSeed(3);
    const model = sharp(create, 8).eval();
    const prompts = [[1, 2, 3], [4], [5, 6]];
    const limits = { beams: 3, lengthPenalty: (length: number) => length ** 0.5 };
    const found = generateBeams(model, prompts, { ...limits, maxNewTokens: 7, end: 5 });
    for (const [i, prompt] of prompts.entries()) {
      const logProbs = (texts: readonly (readonly number[])[]): Tensor =>
        tensor(texts.map((text) => [...logitsBehind(model, [...prompt.slice(0, -1), ...text])])).logSoftmax(-1);
      const alone = beamSearch({
        ...limits,
        start: prompt.at(-1)!,
        end: 5,
        maxLength: 7,
        state: null,
        step: (texts) => ({ logProbs: logProbs(texts), state: null }),
        pick: () => null,
      });
      expect(found[i].map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
      found[i].forEach(({ score }, k) => expect(score).toBeCloseTo(alone[k].score, 4));
    }
  });

  it('takes no more memory for a longer text', () => {
    manualSeed(1);
    const model = create(200);
    const use = (maxNewTokens: number): void => {
      generate(model, [[1, 2, 3], [4]], { maxNewTokens });
      generateBeams(model, [[1, 2, 3], [4]], { maxNewTokens, beams: 2 });
    };
    use(90); // from here on the keys are large tensors
    const before = memoryUsage();
    use(180);
    expect(memoryUsage()).toEqual(before);
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

  it('refuses a text without a token', () => {
    const model = new GPT({ vocabSize: 9, contextLength: 4, layers: 1, heads: 2, width: 8 });
    expect(() => generate(model, [[1], []], { maxNewTokens: 1 })).toThrow('each of at least one token');
  });
});
