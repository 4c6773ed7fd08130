import {
  cat,
  dropout,
  empty,
  GradwireError,
  ShapeError,
  stack,
  zeros,
  type RecurrentWeights,
  type Tensor,
} from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { indexTensor, type PackedSequence } from './packed-sequence.ts';

export interface RecurrentOptions {
  readonly numLayers?: number;
  readonly bias?: boolean;
  /** x is [N, T, inputSize] and the output likewise; otherwise time comes first. States are not affected. */
  readonly batchFirst?: boolean;
  /** Probability of dropping an output of any layer but the last, in training. */
  readonly dropout?: number;
  readonly bidirectional?: boolean;
}

const DEFAULTS: Required<RecurrentOptions> = {
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
};

/** What a kind of recurrent layer fixes: rows of its weights, and the sizes of its states. */
export interface RecurrentKind {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly gates: number;
  readonly stateSizes: readonly number[];
  readonly projected: boolean;
}

/** Weights of one layer in one direction by what follows weight_ and bias_ in their keys. */
export interface DirectionWeights extends RecurrentWeights {
  readonly weightHr: Tensor | null;
}

/**
 * What RNN, LSTM and GRU share: layers on top of each other, one or two directions, padded or packed sequences.
 * Parameters have PyTorch's keys, `weight_ih_l0`, `weight_hh_l0_reverse` …, and start uniform in ±1/√hiddenSize.
 */
export abstract class RecurrentLayer extends Module {
  readonly #kind: RecurrentKind;
  readonly #options: Required<RecurrentOptions>;

  /** `own`: defaults of options that only this kind of layer has. */
  constructor(kind: RecurrentKind, options: RecurrentOptions, own: object = {}) {
    super();
    this.#kind = kind;
    this.#options = this.withDefaults(options, { ...DEFAULTS, ...own });
    const { numLayers, dropout } = this.#options;
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new GradwireError('ERR_OPTION', `${this.constructor.name}: dropout ${dropout} is no probability`);
    }
    if (!Number.isInteger(numLayers) || numLayers < 1) {
      throw new GradwireError(
        'ERR_OPTION',
        `${this.constructor.name}: numLayers ${numLayers} must be a whole number from 1`,
      );
    }
    for (let layer = 0; layer < numLayers; layer++) {
      for (const suffix of this.#suffixes(layer)) this.#makeWeights(layer, suffix);
    }
  }

  /** One layer in one direction over packed rows; returns the output of every row, then each sequence's last states. */
  protected abstract runDirection(
    x: Tensor,
    batchSizes: readonly number[],
    states: readonly Tensor[],
    weights: DirectionWeights,
    reverse: boolean,
  ): readonly Tensor[];

  /** The output, then the last states [numLayers·directions, N, size]. States that are not given are zeros. */
  protected run(
    input: Tensor | PackedSequence,
    given: readonly (Tensor | null | undefined)[],
  ): [Tensor | PackedSequence, ...Tensor[]] {
    return 'batchSizes' in input ? this.#runPacked(input, given) : this.#runPadded(input, given);
  }

  /** The products with the weights: each of them meets every row. */
  override flops(_: unknown, input: Tensor | PackedSequence): number {
    const x = 'batchSizes' in input ? input.data : input;
    const matrices = this.parameters().filter(({ rank }) => rank === 2);
    return ((2 * x.size) / this.#kind.inputSize) * matrices.reduce((sum, { size }) => sum + size, 0);
  }

  #runPacked(packed: PackedSequence, given: readonly (Tensor | null | undefined)[]): [PackedSequence, ...Tensor[]] {
    const { batchSizes, sortedIndices, unsortedIndices } = packed;
    const reorder = (state: Tensor, order: Int32Array | null): Tensor =>
      order ? state.indexSelect(1, indexTensor(order)) : state;
    const states = this.#states(given, batchSizes[0], packed.data).map((state) => reorder(state, sortedIndices));
    const [data, ...last] = this.#runLayers(packed.data, batchSizes, states);
    return [{ ...packed, data }, ...last.map((state) => reorder(state, unsortedIndices))];
  }

  #runPadded(input: Tensor, given: readonly (Tensor | null | undefined)[]): [Tensor, ...Tensor[]] {
    if (input.rank === 2) return this.#runUnbatched(input, given);
    if (input.rank !== 3 || input.shape[2] !== this.#kind.inputSize) {
      throw new ShapeError(
        `${this.constructor.name}: x [${input.shape.join(', ')}] must be [${this.#options.batchFirst ? 'N, T' : 'T, N'}, ` +
          `${this.#kind.inputSize}], or [T, ${this.#kind.inputSize}] for one sequence`,
      );
    }
    const timeFirst = this.#options.batchFirst ? input.transpose(0, 1) : input;
    const [time, batch] = timeFirst.shape;
    const batchSizes = Array.from({ length: time }, () => batch);
    const [rows, ...last] = this.#runLayers(timeFirst.flatten(0, 1), batchSizes, this.#states(given, batch, input));
    const output = rows.reshape([time, batch, rows.shape[1]]);
    return [this.#options.batchFirst ? output.transpose(0, 1) : output, ...last];
  }

  #runUnbatched(input: Tensor, given: readonly (Tensor | null | undefined)[]): [Tensor, ...Tensor[]] {
    const batchDim = this.#options.batchFirst ? 0 : 1;
    const states = given.map((state) => state?.unsqueeze(1));
    const [output, ...last] = this.#runPadded(input.unsqueeze(batchDim), states);
    return [output.squeeze(batchDim), ...last.map((state) => state.squeeze(1))];
  }

  #runLayers(x: Tensor, batchSizes: readonly number[], states: readonly Tensor[]): Tensor[] {
    const { numLayers, dropout: p } = this.#options;
    const last: Tensor[][] = states.map(() => []);
    for (let layer = 0; layer < numLayers; layer++) {
      const outputs = this.#suffixes(layer).map((suffix, direction) => {
        const index = last[0].length;
        const own = states.map((state) => state.select(0, index));
        const [output, ...after] = this.runDirection(x, batchSizes, own, this.#weights(suffix), direction === 1);
        after.forEach((state, i) => last[i].push(state));
        return output;
      });
      x = outputs.length === 1 ? outputs[0] : cat(outputs, 1);
      if (this.training && p > 0 && layer < numLayers - 1) x = dropout(x, p);
    }
    return [x, ...last.map((list) => stack(list))];
  }

  #states(given: readonly (Tensor | null | undefined)[], batch: number, { dtype }: Tensor): Tensor[] {
    const { stateSizes } = this.#kind;
    const count = this.#options.numLayers * (this.#options.bidirectional ? 2 : 1);
    return stateSizes.map((size, i) => {
      const state = given[i] ?? zeros([count, batch, size], { dtype });
      if (state.shape.join() === [count, batch, size].join()) return state;
      throw new ShapeError(
        `${this.constructor.name}: the initial ${'hc'[i]} [${state.shape.join(', ')}] must be [${count}, ${batch}, ${size}]: ` +
          'layers times directions, sequences, size',
      );
    });
  }

  #suffixes(layer: number): string[] {
    return this.#options.bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`];
  }

  #makeWeights(layer: number, suffix: string): void {
    const { inputSize, hiddenSize, gates, stateSizes, projected } = this.#kind;
    const [outputSize] = stateSizes;
    const inputs = layer === 0 ? inputSize : outputSize * (this.#options.bidirectional ? 2 : 1);
    const rows = gates * hiddenSize;
    this.#makeWeight(`weight_ih_${suffix}`, [rows, inputs]);
    this.#makeWeight(`weight_hh_${suffix}`, [rows, outputSize]);
    if (this.#options.bias) {
      this.#makeWeight(`bias_ih_${suffix}`, [rows]);
      this.#makeWeight(`bias_hh_${suffix}`, [rows]);
    }
    if (projected) this.#makeWeight(`weight_hr_${suffix}`, [outputSize, hiddenSize]);
  }

  #makeWeight(name: string, shape: number[]): void {
    const bound = 1 / Math.sqrt(this.#kind.hiddenSize);
    Object.assign(this, { [name]: new Parameter(uniform_(empty(shape), -bound, bound)) });
  }

  /** Read anew in every forward, so that a weight can be replaced by a computed one. */
  #weights(suffix: string): DirectionWeights {
    const fields = this as unknown as Readonly<Record<string, Tensor | undefined>>;
    return {
      weightIh: fields[`weight_ih_${suffix}`]!,
      weightHh: fields[`weight_hh_${suffix}`]!,
      biasIh: fields[`bias_ih_${suffix}`] ?? null,
      biasHh: fields[`bias_hh_${suffix}`] ?? null,
      weightHr: fields[`weight_hr_${suffix}`] ?? null,
    };
  }
}
