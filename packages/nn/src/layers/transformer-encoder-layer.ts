import type { Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Dropout } from './dropout.ts';
import { activationOf, LAYER_DEFAULTS, type TransformerLayerOptions } from './feed-forward.ts';
import { LayerNorm } from './layer-norm.ts';
import { Linear } from './linear.ts';
import { MultiheadAttention } from './multihead-attention.ts';

/** Masks as in MultiheadAttention: true blocks. */
export interface EncoderLayerMasks {
  readonly srcMask?: Tensor | null | undefined;
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  /** A place may not see those after it. */
  readonly isCausal?: boolean | undefined;
}

/**
 * A layer of a Transformer's encoder (Vaswani et al. 2017): self-attention, then two linear maps with an activation
 * between, each added to its input and normalised. src: [N, L, dModel] with batchFirst, else [L, N, dModel] → the same.
 */
export class TransformerEncoderLayer extends Module {
  static {
    keepsNothing(this);
  }

  readonly self_attn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly #activation: (x: Tensor) => Tensor;
  readonly #normFirst: boolean;
  readonly #copy: () => TransformerEncoderLayer;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const settled = this.withDefaults(options, LAYER_DEFAULTS);
    const { dimFeedforward, dropout, batchFirst, bias } = settled;
    const eps = { eps: settled.layerNormEps, bias };
    this.self_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = new LayerNorm(dModel, eps);
    this.norm2 = new LayerNorm(dModel, eps);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.#activation = activationOf(settled.activation);
    this.#normFirst = settled.normFirst;
    this.#copy = () => new TransformerEncoderLayer(dModel, nhead, options);
  }

  /** A layer with the same options and values, and parameters of its own. */
  copy(): TransformerEncoderLayer {
    const layer = this.#copy();
    layer.loadStateDict(this.stateDict());
    return layer.train(this.training);
  }

  forward(src: Tensor, masks: EncoderLayerMasks = {}): Tensor {
    if (this.#normFirst) {
      const x = src.add(this.#attend(this.norm1.forward(src), masks));
      return x.add(this.#feedForward(this.norm2.forward(x)));
    }
    const x = this.norm1.forward(src.add(this.#attend(src, masks)));
    return this.norm2.forward(x.add(this.#feedForward(x)));
  }

  #attend(x: Tensor, { srcMask, srcKeyPaddingMask, isCausal }: EncoderLayerMasks): Tensor {
    const options = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal, needWeights: false };
    return this.dropout1.forward(this.self_attn.forward(x, x, x, options)[0]);
  }

  #feedForward(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.#activation(this.linear1.forward(x)));
    return this.dropout2.forward(this.linear2.forward(hidden));
  }
}
