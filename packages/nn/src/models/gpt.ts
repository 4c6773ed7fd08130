import { linear, ShapeError, type Tensor } from '@gradwire/tensor';
import { normal_, ones_, zeros_ } from '../init.ts';
import { Dropout } from '../layers/dropout.ts';
import { Embedding } from '../layers/embedding.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { ModelCache } from '../layers/model-cache.ts';
import { ModuleList } from '../layers/module-list.ts';
import { LearnedPositionalEmbedding } from '../layers/positional-encoding.ts';
import { inTurn } from '../layers/in-turn.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { causalContext, type CausalOptions } from './causal-context.ts';
import { GptBlock } from './gpt-block.ts';

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

/**
 * A decoder-only Transformer (Radford et al. 2019, GPT-2): normalisation in front of each block, learned positions, GELU.
 * tokens: [N, T] int32 with T ≤ contextLength, those in the cache counted → logits of each next token [N, T, vocabSize].
 * Weights start normal with deviation 0.02, those that end a residual branch with 0.02/√(2·layers), biases at 0. State-dict
 * keys are those of GPT-2; its linear maps are [out, in], as everywhere here.
 * Throws ShapeError.
 */
export class GPT extends Module {
  static {
    keepsNothing(this);
  }

  readonly wte: Embedding;
  readonly wpe: LearnedPositionalEmbedding;
  readonly drop: Dropout;
  readonly h: ModuleList<GptBlock>;
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
    this.h = new ModuleList(Array.from({ length: layers }, () => new GptBlock({ width, heads, dropout })));
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
    const embedded = this.drop.forward(this.wpe.forward(this.wte.forward(tokens), where));
    const x = inTurn(this.h, embedded, (block, y, i) =>
      block.forward(y, { attnMask, cache: options.cache?.layers[i] }),
    );
    const normed = this.ln_f.forward(options.lastOnly ? x.narrow(1, tokens.shape[1] - 1, 1) : x);
    return this.lm_head ? this.lm_head.forward(normed) : linear(normed, this.wte.weight);
  }

  /** An empty cache for `rows` sequences of at most `maxLength` tokens (contextLength). */
  newCache(rows: number, maxLength = this.contextLength): ModelCache {
    return new ModelCache(this.h.length, rows, maxLength);
  }
}
