import { gru, type Tensor } from '@gradwire/tensor';
import type { PackedSequence } from './packed-sequence.ts';
import { RecurrentLayer, type DirectionWeights, type RecurrentOptions } from './recurrent-layer.ts';
import { keepsNothing } from '../module-call.ts';

/**
 * Gated recurrent units (Cho et al. 2014) with PyTorch's gates r, z, n; the reset gate acts after the product with the
 * state. x: [T, N, inputSize] or packed. Returns [outputs [T, N, directions·hiddenSize], last states
 * [numLayers·directions, N, hiddenSize]].
 */
export class GRU extends RecurrentLayer {
  static {
    keepsNothing(this);
  }

  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super({ inputSize, hiddenSize, gates: 3, stateSizes: [hiddenSize], projected: false }, options);
  }

  forward(x: Tensor, h0?: Tensor | null): [output: Tensor, hN: Tensor];
  forward(x: PackedSequence, h0?: Tensor | null): [output: PackedSequence, hN: Tensor];
  forward(x: Tensor | PackedSequence, h0?: Tensor | null): [Tensor | PackedSequence, ...Tensor[]] {
    return this.run(x, [h0]);
  }

  protected override runDirection(
    x: Tensor,
    batchSizes: readonly number[],
    [h0]: readonly Tensor[],
    weights: DirectionWeights,
    reverse: boolean,
  ): readonly Tensor[] {
    return gru(x, batchSizes, h0, weights, { reverse });
  }
}
