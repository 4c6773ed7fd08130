import {
  attentionWeights,
  empty,
  GradwireError,
  linear,
  scaledDotProductAttention,
  selfAttention,
  ShapeError,
  type Tensor,
} from '@gradwire/tensor';
import { xavierNormal_, xavierUniform_, zeros_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { inBatchFirst } from './attention-layout.ts';
import { joinMasks, type AttentionMasks } from './attention-masks.ts';
import { causalBehind } from './cached-attention.ts';
import { withExtraKeys, type Projected } from './extra-keys.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import { Linear } from './linear.ts';

export interface MultiheadAttentionOptions {
  /** Probability with which a weight is dropped in training; 0 by default. */
  readonly dropout?: number;
  readonly bias?: boolean;
  /** Adds one learned key and value to every sequence. */
  readonly addBiasKv?: boolean;
  /** Adds a key and a value of zeros to every sequence. */
  readonly addZeroAttn?: boolean;
  /** Widths of key and value; embedDim by default. */
  readonly kdim?: number | null;
  readonly vdim?: number | null;
  /** Whether inputs and output are [N, L, E] instead of [L, N, E]. */
  readonly batchFirst?: boolean;
}

export interface AttendOptions extends AttentionMasks {
  /** Whether to give the weights too, which costs [N, H, L, S] memory; true by default, as in PyTorch. */
  readonly needWeights?: boolean | undefined;
  /** Whether the weights are averaged over the heads; true by default. */
  readonly averageAttnWeights?: boolean | undefined;
  /**
   * Where equal query, key and value (self-attention) leave their keys and values, after which they see all that it holds:
   * masks are over all those keys. Another key and value go into it at the first call, and are not looked at later.
   */
  readonly cache?: KeyValueCache | undefined;
}

/**
 * Attention in several heads (Vaswani et al. 2017): query [N, L, E], key [N, S, kdim], value [N, S, vdim] with batchFirst,
 * else the first two dimensions exchanged; without a batch [L, E] and so on → [output, weights]: output like the query,
 * weights [N, L, S] (or [N, H, L, S]), null unless asked for. Masks as in PyTorch: true keeps a query from a key. Where a
 * query may see no key, its heads give zeros.
 * in_proj_weight: [3·E, E] starts Xavier-uniform, biases at 0.
 */
export class MultiheadAttention extends Module {
  static {
    keepsNothing(this);
  }

  readonly embedDim: number;
  readonly numHeads: number;
  readonly batchFirst: boolean;
  readonly in_proj_weight: Parameter | null;
  readonly q_proj_weight: Parameter | null;
  readonly k_proj_weight: Parameter | null;
  readonly v_proj_weight: Parameter | null;
  readonly in_proj_bias: Parameter | null;
  readonly bias_k: Parameter | null;
  readonly bias_v: Parameter | null;
  readonly out_proj: Linear;
  readonly #dropout: number;
  readonly #addZeroAttn: boolean;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const { dropout, bias, addBiasKv, addZeroAttn, kdim, vdim, batchFirst } = this.withDefaults(options, {
      dropout: 0,
      bias: true,
      addBiasKv: false,
      addZeroAttn: false,
      kdim: null,
      vdim: null,
      batchFirst: false,
    });
    if (embedDim % numHeads !== 0) {
      throw new ShapeError(`MultiheadAttention: embedDim ${embedDim} does not divide into ${numHeads} heads`);
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.batchFirst = batchFirst;
    this.#dropout = dropout;
    this.#addZeroAttn = addZeroAttn;
    const [keys, values] = [kdim ?? embedDim, vdim ?? embedDim];
    const packed = keys === embedDim && values === embedDim;
    const weight = (rows: number, columns: number): Parameter => new Parameter(xavierUniform_(empty([rows, columns])));
    const extra = (): Parameter => new Parameter(xavierNormal_(empty([1, 1, embedDim])));
    this.in_proj_weight = packed ? weight(3 * embedDim, embedDim) : null;
    this.q_proj_weight = packed ? null : weight(embedDim, embedDim);
    this.k_proj_weight = packed ? null : weight(embedDim, keys);
    this.v_proj_weight = packed ? null : weight(embedDim, values);
    this.in_proj_bias = bias ? new Parameter(zeros_(empty([3 * embedDim]))) : null;
    this.bias_k = addBiasKv ? extra() : null;
    this.bias_v = addBiasKv ? extra() : null;
    this.out_proj = new Linear(embedDim, embedDim, { bias });
    if (this.out_proj.bias) zeros_(this.out_proj.bias);
  }

  forward(query: Tensor, key: Tensor, value: Tensor, options: AttendOptions = {}): [Tensor, Tensor | null] {
    return inBatchFirst([query, key, value], options, this.batchFirst, (inputs, settled) =>
      this.#attend(...inputs, settled),
    );
  }

  /** The projections of the inputs, then scores and means; the last projection is a layer of its own. */
  override flops(_: unknown, query: Tensor, key: Tensor, value: Tensor): number {
    const { embedDim } = this;
    const batch = query.rank === 2 ? 1 : query.shape[this.batchFirst ? 0 : 1];
    const keys = key.size / key.shape.at(-1)! / batch + this.#extraKeys();
    return 2 * embedDim * (query.size + key.size + value.size) + 4 * query.size * keys;
  }

  /** The same for [N, L, E]. */
  #attend(query: Tensor, key: Tensor, value: Tensor, options: AttendOptions): [Tensor, Tensor | null] {
    const { needWeights = true, averageAttnWeights = true, isCausal = false, cache } = options;
    const attnMask = joinMasks(options, query.shape[0], this.numHeads, query.dtype, this.#extraKeys());
    const settings = { attnMask, isCausal, dropoutP: this.training ? this.#dropout : 0 };
    if (this.#canPack(query, key, value) && !needWeights && !cache) {
      const qkv = linear(query, this.in_proj_weight!, this.in_proj_bias);
      return [this.out_proj.forward(selfAttention(qkv, this.numHeads, settings)), null];
    }
    const past = cache?.length ?? 0;
    const [q, k, v] = cache ? this.#throughCache(query, key, value, cache) : this.#operands(query, key, value);
    const behind = causalBehind(past, q, settings);
    if (!needWeights) return [this.#join(scaledDotProductAttention(q, k, v, behind)), null];
    const weights = attentionWeights(q, k, behind);
    return [this.#join(weights.matmul(v)), averageAttnWeights ? weights.mean(1) : weights];
  }

  #extraKeys(): number {
    return Number(this.bias_k !== null) + Number(this.#addZeroAttn);
  }

  /** Whether one product gives queries, keys and values, with none more. */
  #canPack(query: Tensor, key: Tensor, value: Tensor): boolean {
    return query === key && query === value && this.in_proj_weight !== null && this.#extraKeys() === 0;
  }

  /** Queries, keys and values as heads. */
  #operands(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const learned = this.bias_k && this.bias_v ? ([this.bias_k, this.bias_v] as const) : null;
    return withExtraKeys(this.#project(query, key, value), learned, this.#addZeroAttn).map((x) => this.#heads(x));
  }

  #throughCache(query: Tensor, key: Tensor, value: Tensor, cache: KeyValueCache): Tensor[] {
    if (this.#extraKeys() > 0) {
      throw new GradwireError('ERR_OPTION', 'MultiheadAttention: addBiasKv and addZeroAttn cannot go with a cache');
    }
    if (query !== key && cache.length > 0) return [this.#heads(this.#projection(query, 0)), ...cache.contents()];
    const [q, k, v] = this.#operands(query, key, value);
    return [q, ...cache.append(k, v)];
  }

  #project(query: Tensor, key: Tensor, value: Tensor): Projected {
    if (this.in_proj_weight && query === key && query === value) {
      const [q, k, v] = linear(query, this.in_proj_weight, this.in_proj_bias).chunk(3, -1);
      return [q, k, v];
    }
    return [this.#projection(query, 0), this.#projection(key, 1), this.#projection(value, 2)];
  }

  /** The projection of queries (0), keys (1) or values (2). */
  #projection(x: Tensor, part: 0 | 1 | 2): Tensor {
    const { embedDim, in_proj_weight: packed, in_proj_bias: bias } = this;
    const own = [this.q_proj_weight, this.k_proj_weight, this.v_proj_weight][part];
    const offset = bias && bias.narrow(0, part * embedDim, embedDim);
    return linear(x, own ?? packed!.narrow(0, part * embedDim, embedDim), offset);
  }

  /** [N, L, E] → [N, H, L, E/H]. */
  #heads(x: Tensor): Tensor {
    return x.reshape([x.shape[0], x.shape[1], this.numHeads, -1]).transpose(1, 2);
  }

  #join(heads: Tensor): Tensor {
    return this.out_proj.forward(heads.transpose(1, 2).flatten(2));
  }
}
