import type { Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Dropout } from './dropout.ts';
import { activationOf, LAYER_DEFAULTS, type TransformerLayerOptions } from './feed-forward.ts';
import { LayerNorm } from './layer-norm.ts';
import { Linear } from './linear.ts';
import type { DecoderLayerCache } from './model-cache.ts';
import { MultiheadAttention } from './multihead-attention.ts';

/** Masks as in MultiheadAttention: true blocks. */
export interface DecoderMasks {
  readonly tgtMask?: Tensor | null | undefined;
  readonly memoryMask?: Tensor | null | undefined;
  readonly tgtKeyPaddingMask?: Tensor | null | undefined;
  readonly memoryKeyPaddingMask?: Tensor | null | undefined;
  /** A place of the target may not see those after it. */
  readonly tgtIsCausal?: boolean | undefined;
}

export interface DecoderLayerOptions extends DecoderMasks {
  /** Keys and values of earlier places of tgt, and of the memory: tgt goes on behind them, and masks are over all of them. */
  readonly cache?: DecoderLayerCache | undefined;
}

/**
 * A layer of a Transformer's decoder (Vaswani et al. 2017): self-attention, attention over the encoder's result, two linear
 * maps; each added to its input and normalised. tgt: [N, T, dModel] and memory: [N, S, dModel] with batchFirst, else the
 * first two dimensions exchanged → like tgt.
 */
export class TransformerDecoderLayer extends Module {
  static {
    keepsNothing(this);
  }

  readonly self_attn: MultiheadAttention;
  readonly multihead_attn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  readonly #activation: (x: Tensor) => Tensor;
  readonly #normFirst: boolean;
  readonly #copy: () => TransformerDecoderLayer;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const settled = this.withDefaults(options, LAYER_DEFAULTS);
    const { dimFeedforward, dropout, batchFirst, bias } = settled;
    const eps = { eps: settled.layerNormEps, bias };
    this.self_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias });
    this.multihead_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, eps);
    this.norm2 = new LayerNorm(dModel, eps);
    this.norm3 = new LayerNorm(dModel, eps);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.#activation = activationOf(settled.activation);
    this.#normFirst = settled.normFirst;
    this.#copy = () => new TransformerDecoderLayer(dModel, nhead, options);
  }

  /** A layer with the same options and values, and parameters of its own. */
  copy(): TransformerDecoderLayer {
    const layer = this.#copy();
    layer.loadStateDict(this.stateDict());
    return layer.train(this.training);
  }

  forward(tgt: Tensor, memory: Tensor, options: DecoderLayerOptions = {}): Tensor {
    if (this.#normFirst) {
      const x = tgt.add(this.#attendSelf(this.norm1.forward(tgt), options));
      const y = x.add(this.#attendMemory(this.norm2.forward(x), memory, options));
      return y.add(this.#feedForward(this.norm3.forward(y)));
    }
    const x = this.norm1.forward(tgt.add(this.#attendSelf(tgt, options)));
    const y = this.norm2.forward(x.add(this.#attendMemory(x, memory, options)));
    return this.norm3.forward(y.add(this.#feedForward(y)));
  }

  #attendSelf(x: Tensor, { tgtMask, tgtKeyPaddingMask, tgtIsCausal, cache }: DecoderLayerOptions): Tensor {
    const masks = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, isCausal: tgtIsCausal };
    const options = { ...masks, cache: cache?.self, needWeights: false };
    return this.dropout1.forward(this.self_attn.forward(x, x, x, options)[0]);
  }

  #attendMemory(x: Tensor, memory: Tensor, { memoryMask, memoryKeyPaddingMask, cache }: DecoderLayerOptions): Tensor {
    const masks = { attnMask: memoryMask, keyPaddingMask: memoryKeyPaddingMask };
    const options = { ...masks, cache: cache?.memory, needWeights: false };
    return this.dropout2.forward(this.multihead_attn.forward(x, memory, memory, options)[0]);
  }

  #feedForward(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.#activation(this.linear1.forward(x)));
    return this.dropout3.forward(this.linear2.forward(hidden));
  }
}
