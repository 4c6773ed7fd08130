import { gelu, linear, selfAttention, ShapeError, type AttentionOptions, type Tensor } from '@gradwire/tensor';
import { normal_, ones_, zeros_ } from '../init.ts';
import { attendThrough } from '../layers/cached-attention.ts';
import { Dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import type { KeyValueCache } from '../layers/key-value-cache.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { ModelCache } from '../layers/model-cache.ts';
import { ModuleList } from '../layers/module-list.ts';
import { LearnedPositionalEmbedding } from '../layers/positional-encoding.ts';
import { Module } from '../module.ts';
import { causalContext, type CausalOptions } from './causal-context.ts';

export interface GptOptions {
  readonly vocabSize: number;
  /** Most tokens that the model sees at once: learned positions. */
  readonly contextLength: number;
  readonly layers: number;
  readonly heads: number;
  /** Numbers by which a token is represented; a multiple of heads. */
  readonly width: number;
  /** Of embeddings, weights of attention and each block's result, in training; 0. */
  readonly dropout?: number;
  /** Whether the table of tokens is the output layer too (Press & Wolf 2017); true. */
  readonly tieWeights?: boolean;
}

/** What attention needs beside x. */
interface Seen {
  readonly attnMask: Tensor | null;
  readonly cache: KeyValueCache | undefined;
}

type Size = Readonly<Pick<Required<GptOptions>, 'width' | 'heads' | 'dropout'>>;

/** Self-attention in which a token sees itself and those before it. x: [N, T, width] → the same. */
class CausalSelfAttention extends Module {
  readonly c_attn: Linear;
  readonly c_proj: Linear;
  readonly resid_dropout: Dropout;
  readonly #heads: number;
  readonly #dropout: number;

  constructor({ width, heads, dropout }: Size) {
    super();
    this.c_attn = new Linear(width, 3 * width);
    this.c_proj = new Linear(width, width);
    this.resid_dropout = new Dropout(dropout);
    this.#heads = heads;
    this.#dropout = dropout;
  }

  forward(x: Tensor, { attnMask, cache }: Seen): Tensor {
    const options = { isCausal: true, attnMask, dropoutP: this.training ? this.#dropout : 0 };
    const qkv = this.c_attn.forward(x);
    const heads = cache ? this.#attendThrough(cache, qkv, options) : selfAttention(qkv, this.#heads, options);
    return this.resid_dropout.forward(this.c_proj.forward(heads));
  }

  #attendThrough(cache: KeyValueCache, qkv: Tensor, options: AttentionOptions): Tensor {
    const [n, length, width] = qkv.shape;
    const head = [n, length, this.#heads, width / 3 / this.#heads];
    const [q, k, v] = qkv.chunk(3, -1).map((x) => x.reshape(head).transpose(1, 2));
    return attendThrough(cache, [q, k, v], options).transpose(1, 2).flatten(2);
  }

  /** Scores and their products with the values; half of them are masked, and not counted. */
  override flops(_y: Tensor, x: Tensor): number {
    return 2 * x.size * x.shape[1];
  }
}

/** Two linear maps, four times as wide between them. */
class FeedForward extends Module {
  readonly c_fc: Linear;
  readonly c_proj: Linear;
  readonly dropout: Dropout;

  constructor({ width, dropout }: Size) {
    super();
    this.c_fc = new Linear(width, 4 * width);
    this.c_proj = new Linear(4 * width, width);
    this.dropout = new Dropout(dropout);
  }

  forward(x: Tensor): Tensor {
    return this.dropout.forward(this.c_proj.forward(gelu(this.c_fc.forward(x), 'tanh')));
  }
}

class Block extends Module {
  readonly ln_1: LayerNorm;
  readonly attn: CausalSelfAttention;
  readonly ln_2: LayerNorm;
  readonly mlp: FeedForward;

  constructor(size: Size) {
    super();
    this.ln_1 = new LayerNorm(size.width);
    this.attn = new CausalSelfAttention(size);
    this.ln_2 = new LayerNorm(size.width);
    this.mlp = new FeedForward(size);
  }

  forward(x: Tensor, seen: Seen): Tensor {
    const y = x.add(this.attn.forward(this.ln_1.forward(x), seen));
    return y.add(this.mlp.forward(this.ln_2.forward(y)));
  }
}

/**
 * A decoder-only Transformer (Radford et al. 2019, GPT-2): normalisation in front of each block, learned positions, GELU.
 * tokens: [N, T] int32 with T ≤ contextLength, those in the cache counted → logits of each next token [N, T, vocabSize].
 * Weights start normal with deviation 0.02, those that end a residual branch with 0.02/√(2·layers), biases at 0. State-dict
 * keys are those of GPT-2; its linear maps are [out, in], as everywhere here.
 * Throws ShapeError.
 */
export class GPT extends Module {
  readonly wte: Embedding;
  readonly wpe: LearnedPositionalEmbedding;
  readonly drop: Dropout;
  readonly h: ModuleList<Block>;
  readonly ln_f: LayerNorm;
  /** Null if tieWeights. */
  readonly lm_head: Linear | null;
  readonly contextLength: number;

  constructor(options: GptOptions) {
    super();
    const { vocabSize, contextLength, layers, heads, width, dropout, tieWeights } = this.withDefaults(options, {
      vocabSize: null,
      contextLength: null,
      layers: null,
      heads: null,
      width: null,
      dropout: 0,
      tieWeights: true,
    }) as Required<GptOptions>;
    if (width % heads !== 0) throw new ShapeError(`GPT: width ${width} does not divide into ${heads} heads`);
    this.contextLength = contextLength;
    this.wte = new Embedding(vocabSize, width);
    this.wpe = new LearnedPositionalEmbedding(contextLength, width);
    this.drop = new Dropout(dropout);
    this.h = new ModuleList(Array.from({ length: layers }, () => new Block({ width, heads, dropout })));
    this.ln_f = new LayerNorm(width);
    this.lm_head = tieWeights ? null : new Linear(width, vocabSize, { bias: false });
    this.#initialize(0.02 / Math.sqrt(2 * layers));
  }

  #initialize(residual: number): void {
    for (const [key, parameter] of this.namedParameters()) {
      if (key.endsWith('bias')) zeros_(parameter);
      else if (parameter.rank === 1) ones_(parameter);
      else normal_(parameter, 0, key.endsWith('c_proj.weight') ? residual : 0.02);
    }
  }

  forward(tokens: Tensor, options: CausalOptions = {}): Tensor {
    const { where, attnMask } = causalContext('GPT', tokens, this.contextLength, options);
    let x = this.drop.forward(this.wpe.forward(this.wte.forward(tokens), where));
    let i = 0;
    for (const block of this.h) x = block.forward(x, { attnMask, cache: options.cache?.layers[i++] });
    const normed = this.ln_f.forward(options.lastOnly ? x.narrow(1, tokens.shape[1] - 1, 1) : x);
    return this.lm_head ? this.lm_head.forward(normed) : linear(normed, this.wte.weight);
  }

  /** An empty cache for `rows` sequences of at most `maxLength` tokens (contextLength). */
  newCache(rows: number, maxLength = this.contextLength): ModelCache {
    return new ModelCache(this.h.length, rows, maxLength);
  }
}
