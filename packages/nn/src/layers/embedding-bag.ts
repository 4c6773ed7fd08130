import { embedding, empty, GradwireError, type Tensor } from '@gradwire/tensor';
import { normal_ } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { padBags } from './pad-bags.ts';
import { renormRows } from './renorm-rows.ts';
import { tableRow } from './table-row.ts';

export interface EmbeddingBagOptions {
  /** How the vectors of a bag become one; 'mean' by default. */
  readonly mode?: 'sum' | 'mean' | 'max';
  /** Bags leave this row out: it counts for nothing, and gets no gradient. Negative counts from the end. */
  readonly paddingIdx?: number | null;
  /** Rows whose norm is above this are scaled down to it, in place, when they are looked up; null for none. */
  readonly maxNorm?: number | null;
  readonly normType?: number;
  /** Offsets end with the number of indices, so there is one more of them than bags. */
  readonly includeLastOffset?: boolean;
}

/**
 * Sum, mean or elementwise largest of the vectors of each bag of indices: [bags, n] int32, or [n] cut at `offsets` →
 * [bags, embeddingDim]; an empty bag gives zeros. weight: [numEmbeddings, embeddingDim] as in Embedding.
 * Bags are filled up to the longest one, so memory grows with bags · longest · embeddingDim.
 */
export class EmbeddingBag extends Module {
  readonly weight: Parameter;
  readonly #options: Required<EmbeddingBagOptions>;
  readonly #padding: number | null;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagOptions = {}) {
    super();
    this.#options = this.withDefaults(options, {
      mode: 'mean',
      paddingIdx: null,
      maxNorm: null,
      normType: 2,
      includeLastOffset: false,
    });
    this.#padding = tableRow('EmbeddingBag', this.#options.paddingIdx, numEmbeddings);
    this.weight = new Parameter(normal_(empty([numEmbeddings, embeddingDim])));
    if (this.#padding !== null) {
      this.weight.view().fill(0, this.#padding * embeddingDim, (this.#padding + 1) * embeddingDim);
    }
  }

  /**
   * offsets: [bags] int32, growing from 0, where each bag starts among indices [n].
   * perSampleWeights: a factor for each index, in mode 'sum' only, shaped as the indices.
   */
  forward(index: Tensor, offsets?: Tensor | null, perSampleWeights?: Tensor | null): Tensor {
    const { mode, maxNorm, normType, includeLastOffset } = this.#options;
    if (perSampleWeights && mode !== 'sum') {
      throw new GradwireError('ERR_USAGE', `EmbeddingBag: perSampleWeights need mode 'sum', not '${mode}'`);
    }
    if (maxNorm !== null) renormRows(this.weight, index, maxNorm, normType);
    const bags = padBags(index, offsets, this.#padding, includeLastOffset);
    const vectors = embedding(bags.index, this.weight, { paddingIdx: this.#padding });
    const counted = bags.counted.to(vectors.dtype);
    if (mode === 'max' && bags.index.size > 0) return largest(vectors, counted);
    const factors = perSampleWeights
      ? counted.mul(perSampleWeights.flatten().indexSelect(0, bags.positions.flatten()).reshape(counted.shape))
      : counted;
    const sums = factors.unsqueeze(1).matmul(vectors).squeeze(1);
    return mode === 'mean' ? sums.div(counted.sum(1, true).clamp(1, Infinity)) : sums;
  }
}

/** The largest of each bag's counted vectors, elementwise; zeros for a bag without any. */
function largest(vectors: Tensor, counted: Tensor): Tensor {
  const most = vectors.maskedFill(counted.eq(0).unsqueeze(2), -Infinity).max(1).values;
  return most.maskedFill(counted.sum(1, true).eq(0), 0);
}
