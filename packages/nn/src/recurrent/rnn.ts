import { rnn, type Tensor } from '@gradwire/tensor';
import type { PackedSequence } from './packed-sequence.ts';
import { RecurrentLayer, type DirectionWeights, type RecurrentOptions } from './recurrent-layer.ts';
import { keepsNothing } from '../module-call.ts';

export interface RnnOptions extends RecurrentOptions {
  readonly nonlinearity?: 'tanh' | 'relu';
}

/**
 * Plain recurrent layers (Elman 1990): h ← tanh(x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh), or ReLU. x: [T, N, inputSize] or packed.
 * Returns [outputs [T, N, directions·hiddenSize], last states [numLayers·directions, N, hiddenSize]].
 */
export class RNN extends RecurrentLayer {
  static {
    keepsNothing(this);
  }

  readonly #nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, options: RnnOptions = {}) {
    super({ inputSize, hiddenSize, gates: 1, stateSizes: [hiddenSize], projected: false }, options, {
      nonlinearity: 'tanh',
    });
    this.#nonlinearity = options.nonlinearity ?? 'tanh';
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
    return rnn(x, batchSizes, h0, weights, { reverse, nonlinearity: this.#nonlinearity });
  }
}
