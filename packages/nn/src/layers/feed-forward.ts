import { gelu, relu, seenByOthers, type Tensor } from '@gradwire/tensor';

/** Between the two linear maps of a Transformer layer: a name, or a function of your own. */
export type Activation = 'relu' | 'gelu' | ((x: Tensor) => Tensor);

export function activationOf(activation: Activation): (x: Tensor) => Tensor {
  if (typeof activation === 'function')
    return (x) =>
      seenByOthers(
        () => [x],
        () => activation(x),
      );
  return activation === 'relu' ? relu : (x) => gelu(x);
}

/** What the layers of a Transformer have in common; the defaults are PyTorch's. */
export interface TransformerLayerOptions {
  /** Width between the two linear maps; 2048 by default. */
  readonly dimFeedforward?: number;
  /** Probability with which elements of each block's result, and weights of attention, are dropped; 0.1 by default. */
  readonly dropout?: number;
  readonly activation?: Activation;
  readonly layerNormEps?: number;
  /** Whether sequences are [N, L, E] instead of [L, N, E]. */
  readonly batchFirst?: boolean;
  /** Whether blocks normalise their input (pre-norm, Xiong et al. 2020) instead of their result. */
  readonly normFirst?: boolean;
  readonly bias?: boolean;
}

export const LAYER_DEFAULTS = {
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: 'relu' as Activation,
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  bias: true,
};
