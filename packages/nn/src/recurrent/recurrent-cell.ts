import { empty, ShapeError, zeros, type RecurrentWeights, type Tensor } from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/** What the cells share: weights with PyTorch's keys, uniform in ±1/√hiddenSize, and inputs with or without a batch. */
export abstract class RecurrentCell extends Module {
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | null;
  readonly bias_hh: Parameter | null;

  /** `own`: defaults of options that only this kind of cell has. */
  constructor(inputSize: number, hiddenSize: number, gates: number, options: { bias?: boolean }, own: object = {}) {
    super();
    const { bias } = this.withDefaults(options, { bias: true, ...own });
    const bound = 1 / Math.sqrt(hiddenSize);
    const make = (...shape: number[]): Parameter => new Parameter(uniform_(empty(shape), -bound, bound));
    this.weight_ih = make(gates * hiddenSize, inputSize);
    this.weight_hh = make(gates * hiddenSize, hiddenSize);
    this.bias_ih = bias ? make(gates * hiddenSize) : null;
    this.bias_hh = bias ? make(gates * hiddenSize) : null;
  }

  /**
   * Runs `step` on [N, inputSize] and states [N, hiddenSize]; one example without a batch gets one, and loses it after.
   * States that are not given are zeros.
   */
  protected run(
    x: Tensor,
    given: readonly (Tensor | null | undefined)[],
    step: (x: Tensor, batchSizes: readonly number[], states: readonly Tensor[], weights: RecurrentWeights) => Tensor[],
  ): Tensor[] {
    if (x.rank !== 1 && x.rank !== 2) {
      throw new ShapeError(`${this.constructor.name}: x [${x.shape.join(', ')}] must be [N, inputs] or [inputs]`);
    }
    const batched = (tensor: Tensor): Tensor => (x.rank === 1 ? tensor.unsqueeze(0) : tensor);
    const rows = batched(x);
    const hiddenSize = this.weight_hh.shape[1];
    const states = given.map((state) =>
      state ? batched(state) : zeros([rows.shape[0], hiddenSize], { dtype: x.dtype }),
    );
    const { weight_ih: weightIh, weight_hh: weightHh, bias_ih: biasIh, bias_hh: biasHh } = this;
    const after = step(rows, [rows.shape[0]], states, { weightIh, weightHh, biasIh, biasHh });
    return x.rank === 1 ? after.map((state) => state.squeeze(0)) : after;
  }

  /** The products with the weights. */
  override flops(_: unknown, x: Tensor): number {
    const { weight_ih: inputs, weight_hh: states } = this;
    return (2 * x.size * (inputs.size + states.size)) / inputs.shape[1];
  }
}
