import { lstm, type Tensor } from '@gradwire/tensor';
import type { PackedSequence } from './packed-sequence.ts';
import { RecurrentLayer, type DirectionWeights, type RecurrentOptions } from './recurrent-layer.ts';
import { keepsNothing } from '../module-call.ts';

export interface LstmOptions extends RecurrentOptions {
  /** Size of the hidden state if it is projected (Sak et al. 2014); 0 for hiddenSize. */
  readonly projSize?: number;
}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997) with PyTorch's gates i, f, g, o. x: [T, N, inputSize] or packed.
 * Returns [outputs [T, N, directions·P], last hidden states [numLayers·directions, N, P], last cell states
 * [numLayers·directions, N, hiddenSize]], where P is projSize or else hiddenSize.
 */
export class LSTM extends RecurrentLayer {
  static {
    keepsNothing(this);
  }

  constructor(inputSize: number, hiddenSize: number, options: LstmOptions = {}) {
    const projSize = options.projSize ?? 0;
    const stateSizes = [projSize > 0 ? projSize : hiddenSize, hiddenSize];
    super({ inputSize, hiddenSize, gates: 4, stateSizes, projected: projSize > 0 }, options, { projSize: 0 });
  }

  forward(x: Tensor, h0?: Tensor | null, c0?: Tensor | null): [output: Tensor, hN: Tensor, cN: Tensor];
  forward(x: PackedSequence, h0?: Tensor | null, c0?: Tensor | null): [output: PackedSequence, hN: Tensor, cN: Tensor];
  forward(x: Tensor | PackedSequence, h0?: Tensor | null, c0?: Tensor | null): [Tensor | PackedSequence, ...Tensor[]] {
    return this.run(x, [h0, c0]);
  }

  protected override runDirection(
    x: Tensor,
    batchSizes: readonly number[],
    [h0, c0]: readonly Tensor[],
    weights: DirectionWeights,
    reverse: boolean,
  ): readonly Tensor[] {
    return lstm(x, batchSizes, h0, c0, weights, { reverse });
  }
}
