import {
  arange,
  fromTypedArray,
  full,
  manualSeed,
  memoryUsage,
  noGrad,
  rand,
  randn,
  step,
  tensor,
  type Tensor,
} from '@gradwire/tensor';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beamSearch,
  decodeBeams,
  decodeGreedily,
  Embedding,
  KeyValueCache,
  Linear,
  Module,
  MultiheadAttention,
  Transformer,
  type DecoderCache,
  type DecoderCacheSize,
  type DecoderOptions,
} from '../src/index.ts';

const [START, END, VOCABULARY, WIDTH] = [0, 1, 7, 8];

/** A small model of sequences to sequences, with random weights; positions are learned. */
class Translator extends Module {
  readonly tokens = new Embedding(VOCABULARY, WIDTH);
  readonly places = new Embedding(40, WIDTH);
  readonly transformer: Transformer;
  readonly head = new Linear(WIDTH, VOCABULARY);

  constructor(normFirst: boolean, dropout = 0) {
    super();
    const layers = { numEncoderLayers: 1, numDecoderLayers: 2, dimFeedforward: 12 };
    this.transformer = new Transformer({ dModel: WIDTH, nhead: 2, ...layers, normFirst, dropout, batchFirst: true });
  }

  forward(tokens: Tensor, memory: Tensor, options: DecoderOptions = {}): Tensor {
    return this.decode(tokens, memory, options);
  }

  decode(tokens: Tensor, memory: Tensor, options: DecoderOptions = {}): Tensor {
    const past = options.cache?.length ?? 0;
    const places = arange(past, past + tokens.shape[1]);
    const x = this.tokens.forward(tokens).add(this.places.forward(places));
    return this.head.forward(this.transformer.decoder.forward(x, memory, { ...options, tgtIsCausal: true }));
  }

  newCache(size: DecoderCacheSize): DecoderCache {
    return this.transformer.decoder.newCache(size);
  }
}

const asTokens = (rows: readonly (readonly number[])[]): Tensor =>
  fromTypedArray(Int32Array.from(rows.flat()), [rows.length, rows[0].length]);

/** Hides the last places of each row but the first. */
function padding(rows: number, places: number): Tensor {
  return tensor(
    Array.from({ length: rows }, (_, n) => Array.from({ length: places }, (__, s) => Number(s >= places - n))),
    { dtype: 'bool' },
  );
}

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const numbers = values(expected);
  values(actual).forEach((value, i) => expect(Math.abs(value - numbers[i])).toBeLessThan(1e-5));
}

const values = (x: Tensor): number[] => x.flatten().toArray() as number[];

describe('a Transformer decoder with cached keys', () => {
  it('gives the logits of the whole forward, however the sequence is cut', () => {
    const sizes = fc.record({
      seed: fc.nat(1000),
      rows: fc.integer({ min: 1, max: 3 }),
      memoryLength: fc.integer({ min: 3, max: 6 }),
      parts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
      normFirst: fc.boolean(),
      masked: fc.boolean(),
    });
    const property = fc.property(sizes, ({ seed, rows, memoryLength, parts, normFirst, masked }) => {
      manualSeed(seed);
      const model = new Translator(normFirst).eval();
      const length = parts.reduce((a, b) => a + b);
      step(() =>
        noGrad(() => {
          const tokens = rand([rows, length]).mul(VOCABULARY).to('int32');
          const memory = randn([rows, memoryLength, WIDTH]);
          const options = { memoryKeyPaddingMask: masked ? padding(rows, memoryLength) : null };
          const target = masked ? rand([rows, length]).lt(0.3) : null;
          const cache = model.newCache({ sources: rows, maxLength: length, memoryLength });
          const incremental = parts.map((part) =>
            model.forward(tokens.narrow(1, cache.length, part), memory, {
              ...options,
              tgtKeyPaddingMask: target && target.slice(1, 0, cache.length + part),
              cache,
            }),
          );
          const whole = model.forward(tokens, memory, { ...options, tgtKeyPaddingMask: target });
          let place = 0;
          for (const logits of incremental) {
            expectClose(logits, whole.narrow(1, place, logits.shape[1]));
            place += logits.shape[1];
          }
          cache[Symbol.dispose]();
        }),
      );
      for (const parameter of model.parameters()) parameter[Symbol.dispose]();
    });
    fc.assert(property, { numRuns: 40, seed: 1 });
  });

  it('decodes several sources at once as one after the other without a cache: greedily, and with beams', () => {
    for (const seed of [1, 2, 3]) {
      manualSeed(seed);
      const model = new Translator(seed === 2, 0.3);
      const memory = randn([3, 5, WIDTH]);
      const mask = padding(3, 5);
      const logProbs = (source: number, sequences: readonly (readonly number[])[]): Tensor =>
        noGrad(() => {
          const rows = full([sequences.length], source, { dtype: 'int32' });
          const options = { memoryKeyPaddingMask: mask.indexSelect(0, rows) };
          const logits = model.eval().forward(asTokens(sequences), memory.indexSelect(0, rows), options);
          model.train();
          return logits.select(1, -1).logSoftmax(-1);
        });
      const limits = { start: START, end: END, maxLength: 9, memoryKeyPaddingMask: mask };
      const found = decodeBeams(model, memory, { ...limits, beams: 3, lengthPenalty: 0.6 });
      const greedy = decodeGreedily(model, memory, limits);
      expect(model.training).toBe(true);
      for (const source of [0, 1, 2]) {
        const alone = beamSearch({
          ...limits,
          beams: 3,
          lengthPenalty: 0.6,
          state: null,
          step: (sequences) => ({ logProbs: logProbs(source, sequences), state: null }),
          pick: () => null,
        });
        expect(found[source].map(({ tokens }) => tokens)).toEqual(alone.map(({ tokens }) => tokens));
        found[source].forEach(({ score }, i) => expect(score).toBeCloseTo(alone[i].score, 4));
        const expected = [START];
        while (expected.length <= 9 && (expected.length === 1 || expected.at(-1) !== END)) {
          expected.push(logProbs(source, [expected]).argmax(1).item());
        }
        expect(greedy[source]).toEqual(expected.slice(1).filter((token) => token !== END));
      }
    }
  });

  it('gives all memory back, whatever the length', () => {
    manualSeed(1);
    const model = new Translator(true);
    const memory = randn([2, 4, WIDTH]);
    const decode = (maxLength: number): void => {
      decodeBeams(model, memory, { start: START, end: -1, maxLength, beams: 3 });
    };
    decode(2);
    const before = memoryUsage();
    decode(30);
    expect(memoryUsage()).toEqual(before);
  });
});

describe('MultiheadAttention with a cache', () => {
  it('gives outputs and weights of the whole sequence, with every kind of mask and either layout', () => {
    const options = fc.record({
      seed: fc.nat(1000),
      parts: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 }),
      front: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
      mask: fc.constantFrom('none', 'bool', 'numbers'),
      batchFirst: fc.boolean(),
    });
    const property = fc.property(options, ({ seed, parts, front, mask, batchFirst }) => {
      manualSeed(seed);
      const attention = new MultiheadAttention(WIDTH, 2, { batchFirst }).eval();
      const length = parts.reduce((a, b) => a + b);
      const isPadding = front.map((places) => Array.from({ length }, (_, t) => Number(t < places)));
      const keyPaddingMask = tensor(isPadding, { dtype: 'bool' });
      const scores = randn([length, length]);
      const attnMask = { none: null, bool: scores.gt(1), numbers: scores }[mask];
      const time = Number(batchFirst);
      const x = randn(batchFirst ? [front.length, length, WIDTH] : [length, front.length, WIDTH]);
      const cache = new KeyValueCache(front.length, length);
      noGrad(() => {
        const whole = attention.forward(x, x, x, { keyPaddingMask, attnMask, isCausal: true });
        for (const part of parts) {
          const [start, end] = [cache.length, cache.length + part];
          const query = x.slice(time, start, end);
          const [output, weights] = attention.forward(query, query, query, {
            keyPaddingMask: keyPaddingMask.slice(1, 0, end),
            attnMask: attnMask && attnMask.slice(0, start, end).slice(1, 0, end),
            isCausal: true,
            cache,
          });
          expectClose(output, whole[0].slice(time, start, end));
          expectClose(weights!, whole[1]!.slice(1, start, end).slice(2, 0, end));
        }
      });
      cache[Symbol.dispose]();
    });
    fc.assert(property, { numRuns: 30, seed: 3 });
  });

  it('refuses keys that are added at the end of every sequence', () => {
    const attention = new MultiheadAttention(WIDTH, 2, { addZeroAttn: true });
    const x = randn([1, 2, WIDTH]);
    const call = (): unknown => noGrad(() => attention.forward(x, x, x, { cache: new KeyValueCache(2, 4) }));
    expect(call).toThrow('addZeroAttn cannot go with a cache');
  });
});

describe('KeyValueCache', () => {
  const heads = (rows: number, length: number, from: number): Tensor =>
    fromTypedArray(
      Float32Array.from({ length: rows * length }, (_, i) => from + i),
      [rows, 1, length, 1],
    );

  it('reorders, repeats and drops rows', () => {
    const cache = new KeyValueCache(3, 4);
    cache.append(heads(2, 2, 0), heads(2, 2, 10));
    cache.pick([1, 0, 1]);
    expect(values(cache.contents()[0])).toEqual([2, 3, 0, 1, 2, 3]);
    cache.append(heads(3, 1, 20), heads(3, 1, 30));
    cache.pick([2]);
    expect(cache.contents().map(values)).toEqual([
      [2, 3, 22],
      [12, 13, 32],
    ]);
    cache[Symbol.dispose]();
    expect(cache.length).toBe(0);
  });

  it('says what does not fit', () => {
    const cache = new KeyValueCache(2, 3);
    expect(() => cache.contents()).toThrow('it is empty');
    cache.append(heads(2, 2, 0), heads(2, 2, 0));
    expect(() => cache.append(heads(2, 2, 0), heads(2, 2, 0))).toThrow('2 rows of 2 + 2 places do not fit into 2 of 3');
    expect(() => cache.append(heads(1, 1, 0), heads(1, 1, 0))).toThrow('it holds 2 rows, but 1 were added');
    expect(() => cache.pick([0, 1, 0])).toThrow('3 rows do not fit');
    expect(() => cache.pick([2])).toThrow('there is no row 2 of 2');
    const learned = heads(2, 1, 0).requiresGrad_();
    expect(() => cache.append(learned, learned)).toThrow('inside noGrad');
  });
});
