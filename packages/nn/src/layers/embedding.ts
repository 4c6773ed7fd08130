import { embedding, empty, ShapeError, type EmbeddingOptions, type Tensor } from '@gradwire/tensor';
import { normal_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { renormRows } from './renorm-rows.ts';
import { tableRow } from './table-row.ts';

export interface EmbeddingLayerOptions extends EmbeddingOptions {
  /** Rows whose norm is above this are scaled down to it when they are looked up; null for none. */
  readonly maxNorm?: number | null;
  /** The p of that norm; 2 by default. */
  readonly normType?: number;
  /** The table to start from, instead of a drawn one; the layer takes over its memory. */
  readonly weight?: Tensor;
}

/**
 * A table of vectors by index: [...] int32 → [..., embeddingDim]. weight: [numEmbeddings, embeddingDim] starts normal
 * with mean 0 and deviation 1, as in PyTorch. The row paddingIdx (negative counts from the end) starts at zero and gets
 * no gradient. With maxNorm, forward changes the looked-up rows in place, so no other thread may use them meanwhile.
 */
export class Embedding extends Module {
  static {
    keepsNothing(this);
  }

  readonly weight: Parameter;
  readonly #options: EmbeddingOptions;
  readonly #maxNorm: number | null;
  readonly #normType: number;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingLayerOptions = {}) {
    super();
    const { paddingIdx, scaleGradByFreq, maxNorm, normType, ...given } = this.withDefaults(options, {
      paddingIdx: null,
      scaleGradByFreq: false,
      maxNorm: null,
      normType: 2,
      weight: null,
    });
    const weight = given.weight ?? normal_(empty([numEmbeddings, embeddingDim]));
    const padding = tableRow('Embedding', paddingIdx, numEmbeddings);
    if (weight.shape.join() !== [numEmbeddings, embeddingDim].join()) {
      throw new ShapeError(
        `Embedding: weight [${weight.shape.join(', ')}] must be [${numEmbeddings}, ${embeddingDim}]`,
      );
    }
    this.#options = { paddingIdx: padding, scaleGradByFreq };
    this.#maxNorm = maxNorm;
    this.#normType = normType;
    this.weight = new Parameter(weight);
    if (padding !== null && given.weight === null) {
      this.weight.view().fill(0, padding * embeddingDim, (padding + 1) * embeddingDim);
    }
  }

  /** A layer of the given vectors [numEmbeddings, embeddingDim], copied; they are learned only if freeze is false. */
  static fromPretrained(
    vectors: Tensor,
    { freeze = true, ...options }: Omit<EmbeddingLayerOptions, 'weight'> & { readonly freeze?: boolean } = {},
  ): Embedding {
    const [numEmbeddings, embeddingDim] = vectors.shape;
    const layer = new Embedding(numEmbeddings, embeddingDim, { ...options, weight: vectors.detach().clone() });
    layer.weight.requiresGrad_(!freeze);
    return layer;
  }

  forward(index: Tensor): Tensor {
    if (this.#maxNorm !== null) renormRows(this.weight, index, this.#maxNorm, this.#normType);
    return embedding(index, this.weight, this.#options);
  }
}
