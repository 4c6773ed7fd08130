import { linear, ShapeError, type Tensor } from '@gradwire/tensor';
import { normal_ } from '../init.ts';
import { Embedding } from '../layers/embedding.ts';
import { RMSNorm } from '../layers/layer-norm.ts';
import { Linear } from '../layers/linear.ts';
import { ModelCache } from '../layers/model-cache.ts';
import { ModuleList } from '../layers/module-list.ts';
import { RotaryEmbedding } from '../layers/rotary-embedding.ts';
import { Module } from '../module.ts';
import { causalContext, type CausalOptions } from './causal-context.ts';
import { LlamaBlock } from './llama-block.ts';

export interface LlamaOptions {
  readonly vocabSize: number;
  /** Most tokens that the model sees at once. */
  readonly contextLength: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values, of which each serves heads/keyValueHeads queries (Ainslie et al. 2023); heads. */
  readonly keyValueHeads?: number;
  /** Numbers by which a token is represented; a multiple of heads. */
  readonly width: number;
  /** Width inside the feed-forward part; 8/3 of width, up to a multiple of 32 (Shazeer 2020). */
  readonly hidden?: number;
  /** Of the rotary positions; 10000. */
  readonly ropeBase?: number;
  /** Of the normalisation; 1e-6. */
  readonly normEps?: number;
  /** Whether the table of tokens is the output layer too; false. */
  readonly tieWeights?: boolean;
}

/** All but the output layer: tokens [N, T] → [N, T, width]. */
class LlamaModel extends Module {
  readonly embed_tokens: Embedding;
  readonly layers: ModuleList<LlamaBlock>;
  readonly norm: RMSNorm;
  readonly rotary_emb: RotaryEmbedding;

  constructor({ vocabSize, contextLength, layers, ropeBase, ...size }: Omit<Required<LlamaOptions>, 'tieWeights'>) {
    super();
    this.embed_tokens = new Embedding(vocabSize, size.width);
    this.layers = new ModuleList(Array.from({ length: layers }, () => new LlamaBlock(size)));
    this.norm = new RMSNorm(size.width, { eps: size.normEps });
    this.rotary_emb = new RotaryEmbedding(size.width / size.heads, { maxLen: contextLength, base: ropeBase });
  }

  forward(tokens: Tensor, contextLength: number, options: CausalOptions): Tensor {
    const { where, attnMask } = causalContext('Llama', tokens, contextLength, options);
    const angles = this.rotary_emb.angles(tokens.shape[1], where);
    const turn = (heads: Tensor): Tensor => this.rotary_emb.forward(heads, angles);
    let x = this.embed_tokens.forward(tokens);
    let i = 0;
    for (const layer of this.layers) x = layer.forward(x, { turn, attnMask, cache: options.cache?.layers[i++] });
    return this.norm.forward(options.lastOnly ? x.narrow(1, tokens.shape[1] - 1, 1) : x);
  }
}

/**
 * A decoder-only Transformer in the manner of Llama (Touvron et al. 2023): root-mean-square normalisation in front of each
 * part, rotary positions, grouped queries, SwiGLU, no biases. tokens: [N, T] int32 with T ≤ contextLength, those in the
 * cache counted → logits of each next token [N, T, vocabSize]. Matrices start normal with deviation 0.02. State-dict keys
 * are those of Llama at Hugging Face ("model.layers.0.self_attn.q_proj.weight").
 * Throws ShapeError.
 */
export class Llama extends Module {
  readonly model: LlamaModel;
  /** Null if tieWeights. */
  readonly lm_head: Linear | null;
  readonly contextLength: number;

  constructor(options: LlamaOptions) {
    super();
    const { tieWeights, ...given } = this.withDefaults(options, {
      vocabSize: null,
      contextLength: null,
      layers: null,
      heads: null,
      keyValueHeads: null,
      width: null,
      hidden: null,
      ropeBase: 10000,
      normEps: 1e-6,
      tieWeights: false,
    });
    const size = { ...given, ...settledSizes(options) } as Omit<Required<LlamaOptions>, 'tieWeights'>;
    this.contextLength = size.contextLength;
    this.model = new LlamaModel(size);
    this.lm_head = tieWeights ? null : new Linear(size.width, size.vocabSize, { bias: false });
    for (const parameter of this.parameters()) if (parameter.rank > 1) normal_(parameter, 0, 0.02);
  }

  forward(tokens: Tensor, options: CausalOptions = {}): Tensor {
    const x = this.model.forward(tokens, this.contextLength, options);
    return this.lm_head ? this.lm_head.forward(x) : linear(x, this.model.embed_tokens.weight);
  }

  /** An empty cache for `rows` sequences of at most `maxLength` tokens (contextLength). */
  newCache(rows: number, maxLength = this.contextLength): ModelCache {
    return new ModelCache(this.model.layers.length, rows, maxLength);
  }
}

/** Sizes that follow from others where they are not given. */
function settledSizes({ width, heads, keyValueHeads = heads, hidden }: LlamaOptions): Partial<LlamaOptions> {
  if (width % (2 * heads) !== 0 || heads % keyValueHeads !== 0) {
    throw new ShapeError(
      `Llama: width ${width} must divide into ${heads} heads of an even width, and these into ${keyValueHeads} groups`,
    );
  }
  return { keyValueHeads, hidden: hidden ?? Math.ceil((8 * width) / 3 / 32) * 32 };
}
