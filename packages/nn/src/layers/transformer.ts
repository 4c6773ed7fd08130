import { full, type Tensor } from '@gradwire/tensor';
import { xavierUniform_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { LAYER_DEFAULTS, type TransformerLayerOptions } from './feed-forward.ts';
import { LayerNorm } from './layer-norm.ts';
import { TransformerDecoderLayer, type DecoderMasks } from './transformer-decoder-layer.ts';
import { TransformerEncoderLayer } from './transformer-encoder-layer.ts';
import { TransformerDecoder, TransformerEncoder } from './transformer-stacks.ts';

export interface TransformerOptions extends TransformerLayerOptions {
  /** Width of the sequences; 512 by default. */
  readonly dModel?: number;
  /** Heads of attention; 8 by default. */
  readonly nhead?: number;
  /** Layers of the encoder and of the decoder; 6 each by default. */
  readonly numEncoderLayers?: number;
  readonly numDecoderLayers?: number;
}

/** Masks as in MultiheadAttention: true blocks. */
export interface TransformerMasks extends DecoderMasks {
  readonly srcMask?: Tensor | null | undefined;
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  readonly srcIsCausal?: boolean | undefined;
}

/**
 * Encoder and decoder (Vaswani et al. 2017), between embeddings and the output map, which are the user's.
 * src: [N, S, dModel], tgt: [N, T, dModel] with batchFirst, else the first two dimensions exchanged → like tgt.
 * Both stacks end with a normalisation; matrices start Xavier-uniform, as in PyTorch.
 */
export class Transformer extends Module {
  static {
    keepsNothing(this);
  }

  readonly encoder: TransformerEncoder;
  readonly decoder: TransformerDecoder;

  constructor(options: TransformerOptions = {}) {
    super();
    const { dModel, nhead, numEncoderLayers, numDecoderLayers, ...layer } = this.withDefaults(options, {
      dModel: 512,
      nhead: 8,
      numEncoderLayers: 6,
      numDecoderLayers: 6,
      ...LAYER_DEFAULTS,
    });
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layer.layerNormEps, bias: layer.bias });
    this.encoder = new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, {
      norm: norm(),
    });
    this.decoder = new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, {
      norm: norm(),
    });
    for (const parameter of this.parameters()) if (parameter.rank > 1) xavierUniform_(parameter);
  }

  /** [size, size] numbers to add to scores: −∞ above the diagonal, so that a place does not see those after it. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return full([size, size], -Infinity).triu(1);
  }

  forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    const { srcMask, srcKeyPaddingMask, srcIsCausal } = masks;
    const memory = this.encoder.forward(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder.forward(tgt, memory, masks);
  }
}
