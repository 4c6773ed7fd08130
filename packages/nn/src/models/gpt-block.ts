/** A block of GPT-2 (Radford et al. 2019). */
import { gelu, selfAttention, type AttentionOptions, type Tensor } from '@gradwire/tensor';
import { attendThrough } from '../layers/cached-attention.ts';
import { Dropout } from '../layers/dropout.ts';
import type { KeyValueCache } from '../layers/key-value-cache.ts';
import { LayerNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** What attention needs beside x. */
interface Seen {
  readonly attnMask: Tensor | null;
  readonly cache: KeyValueCache | undefined;
}

export interface GptBlockSize {
  readonly width: number;
  readonly heads: number;
  readonly dropout: number;
}

/** Self-attention in which a token sees itself and those before it. x: [N, T, width] → the same. */
class CausalSelfAttention extends Module {
  static {
    keepsNothing(this);
  }

  readonly c_attn: Linear;
  readonly c_proj: Linear;
  readonly resid_dropout: Dropout;
  readonly #heads: number;
  readonly #dropout: number;

  constructor({ width, heads, dropout }: GptBlockSize) {
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
  static {
    keepsNothing(this);
  }

  readonly c_fc: Linear;
  readonly c_proj: Linear;
  readonly dropout: Dropout;

  constructor({ width, dropout }: GptBlockSize) {
    super();
    this.c_fc = new Linear(width, 4 * width);
    this.c_proj = new Linear(4 * width, width);
    this.dropout = new Dropout(dropout);
  }

  forward(x: Tensor): Tensor {
    return this.dropout.forward(this.c_proj.forward(gelu(this.c_fc.forward(x), 'tanh')));
  }
}

/** Attention and feed-forward part, each behind a normalisation and added to its input. x: [N, L, width] → the same. */
export class GptBlock extends Module {
  static {
    keepsNothing(this);
  }

  readonly ln_1: LayerNorm;
  readonly attn: CausalSelfAttention;
  readonly ln_2: LayerNorm;
  readonly mlp: FeedForward;

  constructor(size: GptBlockSize) {
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
