/** Decoding with a model of an encoder and a decoder, with the keys and values of all earlier places kept. */
import { fromTypedArray, noGrad, type Tensor } from '@gradwire/tensor';
import type { DecoderCache, DecoderCacheSize } from '../layers/model-cache.ts';
import { batchedBeamSearch, type BeamSearchLimits, type Hypothesis, type NextTokens } from './beam-search.ts';
import { greedyDecode } from './greedy.ts';
import { Latest } from './latest.ts';

export interface CachedDecodeOptions {
  /** Of earlier places; tokens go on behind them, so the first has the place cache.length. */
  readonly cache?: DecoderCache | undefined;
  /** [N, S], true for places of the memory that none may see. */
  readonly memoryKeyPaddingMask?: Tensor | null | undefined;
}

/** What a model offers that `decodeGreedily` and `decodeBeams` can decode with; `Transformer` has all that is needed for it. */
export interface CachedDecoder {
  readonly training: boolean;
  train(training?: boolean): unknown;
  /** As that of the TransformerDecoder inside. */
  newCache(size: DecoderCacheSize): DecoderCache;
  /** tokens: [N, L] int32, a token sees those before it; memory: [N, S, E] → logits of each next token [N, L, vocabulary]. */
  decode(tokens: Tensor, memory: Tensor, options: CachedDecodeOptions): Tensor;
}

export interface MemoryOptions {
  /** [N, S], true for places of the memory that none may see. */
  readonly memoryKeyPaddingMask?: Tensor | null;
}

/**
 * The most probable next token at every step, for each row of memory [N, S, E]: tokens without `start` and `end`, at most
 * maxLength with `end`. The model is in evaluation meanwhile.
 */
export function decodeGreedily(
  model: CachedDecoder,
  memory: Tensor,
  limits: Pick<BeamSearchLimits, 'start' | 'end' | 'maxLength'> & MemoryOptions,
): number[][] {
  return withCache(model, memory, { ...limits, beams: 1 }, (steps) =>
    greedyDecode({ ...limits, ...steps, batch: memory.shape[0] }),
  );
}

/** The best sequences by a beam search, for each row of memory [N, S, E], all rows at once. The model is in evaluation meanwhile. */
export function decodeBeams(
  model: CachedDecoder,
  memory: Tensor,
  limits: BeamSearchLimits & MemoryOptions,
): Hypothesis[][] {
  return withCache(model, memory, limits, (steps) =>
    batchedBeamSearch({ ...limits, ...steps, batch: memory.shape[0] }),
  );
}

type Limits = Pick<BeamSearchLimits, 'beams' | 'maxLength'> & MemoryOptions;

interface Steps {
  readonly state: DecoderCache;
  readonly step: (sequences: readonly (readonly number[])[], cache: DecoderCache) => NextTokens<DecoderCache>;
  readonly pick: (cache: DecoderCache, rows: readonly number[]) => DecoderCache;
}

/** Decodes by way of a cache, which is given back afterwards. */
function withCache<T>(model: CachedDecoder, memory: Tensor, limits: Limits, decode: (steps: Steps) => T): T {
  const { beams, maxLength, memoryKeyPaddingMask: mask } = limits;
  const [sources, memoryLength] = memory.shape;
  const state = model.newCache({ sources, beams, maxLength, memoryLength });
  const latest = new Latest();
  const next = (sequences: readonly (readonly number[])[], cache: DecoderCache): NextTokens<DecoderCache> => {
    const logProbs = latest.replace(() => {
      const rows = fromTypedArray(Int32Array.from(cache.sources), [cache.sources.length]);
      const options = { cache, memoryKeyPaddingMask: mask && mask.indexSelect(0, rows) };
      return model.decode(lastTokens(sequences), memory, options).select(1, -1).logSoftmax(-1);
    });
    return { logProbs, state: cache };
  };
  const pick = (cache: DecoderCache, rows: readonly number[]): DecoderCache => {
    cache.pick(rows);
    return cache;
  };
  const { training } = model;
  model.train(false);
  try {
    return noGrad(() => decode({ state, step: next, pick }));
  } finally {
    model.train(training);
    state[Symbol.dispose]();
    latest[Symbol.dispose]();
  }
}

/** The last token of each sequence: [N, 1]. */
export function lastTokens(sequences: readonly (readonly number[])[]): Tensor {
  const tokens = sequences.map((sequence) => sequence.at(-1)!);
  return fromTypedArray(Int32Array.from(tokens), [tokens.length, 1]);
}
