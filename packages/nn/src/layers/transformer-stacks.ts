import type { Tensor } from '@gradwire/tensor';
import { inTurn } from './in-turn.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { DecoderCache, type DecoderCacheSize } from './model-cache.ts';
import { ModuleList } from './module-list.ts';
import type { Layer } from './sequential.ts';
import type { DecoderMasks, TransformerDecoderLayer } from './transformer-decoder-layer.ts';
import type { TransformerEncoderLayer } from './transformer-encoder-layer.ts';

export interface StackOptions {
  /** Applied to the result of the last layer. */
  readonly norm?: Layer | null;
}

/** Masks as in MultiheadAttention: true blocks. */
export interface EncoderMasks {
  readonly mask?: Tensor | null | undefined;
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  readonly isCausal?: boolean | undefined;
}

export interface DecoderOptions extends DecoderMasks {
  /** Of earlier places of tgt and of the memory; tgt goes on behind them, and masks are over all of them. */
  readonly cache?: DecoderCache | undefined;
}

const copies = <L extends { copy(): L }>(layer: L, count: number): L[] =>
  Array.from({ length: count }, () => layer.copy());

/** numLayers copies of an encoder layer, one after the other; as in PyTorch they start equal. */
export class TransformerEncoder extends Module {
  static {
    keepsNothing(this);
  }

  readonly layers: ModuleList<TransformerEncoderLayer>;
  readonly norm: Layer | null;

  constructor(layer: TransformerEncoderLayer, numLayers: number, options: StackOptions = {}) {
    super();
    this.layers = new ModuleList(copies(layer, numLayers));
    this.norm = this.withDefaults(options, { norm: null }).norm;
  }

  forward(src: Tensor, { mask, srcKeyPaddingMask, isCausal }: EncoderMasks = {}): Tensor {
    const masks = { srcMask: mask, srcKeyPaddingMask, isCausal };
    const x = inTurn(this.layers, src, (layer, y) => layer.forward(y, masks));
    return this.norm ? this.norm.forward(x) : x;
  }
}

/** numLayers copies of a decoder layer, one after the other; as in PyTorch they start equal. */
export class TransformerDecoder extends Module {
  static {
    keepsNothing(this);
  }

  readonly layers: ModuleList<TransformerDecoderLayer>;
  readonly norm: Layer | null;

  constructor(layer: TransformerDecoderLayer, numLayers: number, options: StackOptions = {}) {
    super();
    this.layers = new ModuleList(copies(layer, numLayers));
    this.norm = this.withDefaults(options, { norm: null }).norm;
  }

  forward(tgt: Tensor, memory: Tensor, { cache, ...masks }: DecoderOptions = {}): Tensor {
    const x = inTurn(this.layers, tgt, (layer, y, i) =>
      layer.forward(y, memory, { ...masks, cache: cache?.layers[i] }),
    );
    return this.norm ? this.norm.forward(x) : x;
  }

  /** An empty cache for decoding place after place. */
  newCache(size: DecoderCacheSize): DecoderCache {
    return new DecoderCache(this.layers.length, size);
  }
}
