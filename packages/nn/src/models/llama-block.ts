/** A block of Llama (Touvron et al. 2023). */
import { scaledDotProductAttention, silu, type Tensor } from '@gradwire/tensor';
import { attendThrough } from '../layers/cached-attention.ts';
import type { KeyValueCache } from '../layers/key-value-cache.ts';
import { RMSNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { Module } from '../module.ts';

export interface LlamaBlockSize {
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Width inside the feed-forward part. */
  readonly hidden: number;
  readonly normEps: number;
}

/** What attention needs beside x. */
interface Seen {
  /** Turns heads [N, L, H, E/H] by their places. */
  readonly turn: (heads: Tensor) => Tensor;
  readonly attnMask: Tensor | null;
  readonly cache: KeyValueCache | undefined;
}

const map = (from: number, to: number): Linear => new Linear(from, to, { bias: false });

/** Causal self-attention with rotary positions; keys and values are not repeated for the queries that share them. */
class LlamaAttention extends Module {
  readonly q_proj: Linear;
  readonly k_proj: Linear;
  readonly v_proj: Linear;
  readonly o_proj: Linear;
  readonly #width: number;

  constructor({ width, heads, keyValueHeads }: LlamaBlockSize) {
    super();
    this.#width = width / heads;
    this.q_proj = map(width, width);
    this.k_proj = map(width, keyValueHeads * this.#width);
    this.v_proj = map(width, keyValueHeads * this.#width);
    this.o_proj = map(width, width);
  }

  forward(x: Tensor, { turn, attnMask, cache }: Seen): Tensor {
    const options = { isCausal: true, enableGqa: true, attnMask };
    const [q, k] = [this.q_proj, this.k_proj].map((projection) =>
      turn(this.#heads(projection.forward(x))).transpose(1, 2),
    );
    const v = this.#heads(this.v_proj.forward(x)).transpose(1, 2);
    const out = cache ? attendThrough(cache, [q, k, v], options) : scaledDotProductAttention(q, k, v, options);
    return this.o_proj.forward(out.transpose(1, 2).flatten(2));
  }

  /** Scores and their products with the values; half of them are masked, and not counted. */
  override flops(_y: Tensor, x: Tensor): number {
    return 2 * x.size * x.shape[1];
  }

  /** [N, L, E] → [N, L, H, E/H]. */
  #heads(x: Tensor): Tensor {
    return x.reshape([x.shape[0], x.shape[1], -1, this.#width]);
  }
}

/** SwiGLU: down(silu(gate(x))·up(x)) (Shazeer 2020). */
class LlamaFeedForward extends Module {
  readonly gate_proj: Linear;
  readonly up_proj: Linear;
  readonly down_proj: Linear;

  constructor({ width, hidden }: LlamaBlockSize) {
    super();
    this.gate_proj = map(width, hidden);
    this.up_proj = map(width, hidden);
    this.down_proj = map(hidden, width);
  }

  forward(x: Tensor): Tensor {
    return this.down_proj.forward(silu(this.gate_proj.forward(x)).mul(this.up_proj.forward(x)));
  }
}

/** Attention and feed-forward part, each behind a normalisation and added to its input. x: [N, L, width] → the same. */
export class LlamaBlock extends Module {
  readonly self_attn: LlamaAttention;
  readonly mlp: LlamaFeedForward;
  readonly input_layernorm: RMSNorm;
  readonly post_attention_layernorm: RMSNorm;

  constructor(size: LlamaBlockSize) {
    super();
    const { width, normEps: eps } = size;
    this.self_attn = new LlamaAttention(size);
    this.mlp = new LlamaFeedForward(size);
    this.input_layernorm = new RMSNorm(width, { eps });
    this.post_attention_layernorm = new RMSNorm(width, { eps });
  }

  forward(x: Tensor, seen: Seen): Tensor {
    const y = x.add(this.self_attn.forward(this.input_layernorm.forward(x), seen));
    return y.add(this.mlp.forward(this.post_attention_layernorm.forward(y)));
  }
}
