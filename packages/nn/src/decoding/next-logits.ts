/** The logits of the next token of several texts, by a model that sees what it has computed before in a cache. */
import { fromTypedArray, type Tensor } from '@gradwire/tensor';
import type { ModelCache } from '../layers/model-cache.ts';
import type { CausalOptions } from '../models/causal-context.ts';
import { Latest } from './latest.ts';

/** A decoder-only model, such as GPT or Llama. */
export interface CausalModel {
  readonly training: boolean;
  train(training?: boolean): unknown;
  /** Most tokens that it sees at once. */
  readonly contextLength: number;
  newCache(rows: number, maxLength?: number): ModelCache;
  /** [N, T] int32 → logits of each next token [N, T, vocabulary]. */
  forward(tokens: Tensor, options?: CausalOptions): Tensor;
}

type Texts = readonly (readonly number[])[];

/**
 * Texts of unequal lengths stand in one batch, padded in front. As long as they fit into the model's context, each token goes
 * through it once; beyond, its last contextLength tokens go through it anew for each next one, since all places change.
 */
export class NextLogits {
  readonly #model: CausalModel;
  readonly #cache: ModelCache;
  readonly #latest = new Latest();
  /** Padding in front of each row. */
  #padding: readonly number[];

  /** For the texts and those that go on from them, at most maxRows with at most `room` more tokens each. */
  constructor(
    model: CausalModel,
    texts: Texts,
    { maxRows, room }: { readonly maxRows: number; readonly room: number },
  ) {
    const longest = Math.max(...texts.map(({ length }) => length));
    this.#model = model;
    this.#cache = model.newCache(maxRows, Math.min(model.contextLength, longest + room));
    this.#padding = texts.map(({ length }) => longest - length);
  }

  /** Log probabilities [texts, vocabulary], until the next call; each text is one token longer than at the last. */
  logProbs(texts: Texts): Tensor {
    return this.#latest.replace(() => this.#logits(texts).logSoftmax(-1));
  }

  /** Logits [texts, vocabulary], copied. */
  logits(texts: Texts): Float32Array {
    return this.#latest.replace(() => this.#logits(texts)).data() as Float32Array;
  }

  /** Row i goes on as row rows[i]. */
  pick(rows: readonly number[]): void {
    this.#padding = rows.map((row) => this.#padding[row]);
    this.#cache.pick(rows);
  }

  [Symbol.dispose](): void {
    this.#cache[Symbol.dispose]();
    this.#latest[Symbol.dispose]();
  }

  #logits(texts: Texts): Tensor {
    const { contextLength } = this.#model;
    const length = this.#padding[0] + texts[0].length;
    if (length <= contextLength) return this.#forward(texts, length, this.#cache);
    const seen = texts.map((text) => text.slice(-contextLength));
    return this.#forward(seen, Math.max(...seen.map((text) => text.length)));
  }

  /** Puts the texts, padded to a length, through the model, but for what the cache holds. */
  #forward(texts: Texts, length: number, cache?: ModelCache): Tensor {
    const places = length - (cache?.length ?? 0);
    const rows = texts.map((text) => [...new Array<number>(length - text.length).fill(0), ...text].slice(-places));
    const tokens = fromTypedArray(Int32Array.from(rows.flat()), [rows.length, places]);
    const options = { cache, keyPaddingMask: frontMask(texts, length), lastOnly: true };
    return this.#model.forward(tokens, options).select(1, 0);
  }
}

/** [texts, length], true in front of each text; null if they all have that length. */
function frontMask(texts: Texts, length: number): Tensor | null {
  if (texts.every((text) => text.length === length)) return null;
  const mask = texts.flatMap((text) => Array.from({ length }, (_, place) => Number(place < length - text.length)));
  return fromTypedArray(Uint8Array.from(mask), [texts.length, length], { dtype: 'bool' });
}
