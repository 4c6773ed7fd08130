/** What the recurrent operations share: their weights, the input's part of all gates, and the gradients of both. */
import type { DELIVERED } from '../../autograd.ts';
import { DTypeError, ShapeError } from '../../errors.ts';
import { FROM_BIAS, gemm, OVERWRITE } from '../../kernels/gemm.ts';
import { show } from '../../shape.ts';
import { Tensor } from '../../tensor.ts';
import { add } from '../arithmetic.ts';
import { product, productInto } from '../matmul.ts';
import { sum } from '../reduce.ts';
import { permute } from '../reshape.ts';

/** Weights of one layer in one direction, as PyTorch keeps them; gates lie behind each other in the rows. */
export interface RecurrentWeights {
  /** [gates·hidden, input] */
  readonly weightIh: Tensor;
  /** [gates·hidden, output] */
  readonly weightHh: Tensor;
  /** [gates·hidden] */
  readonly biasIh: Tensor | null;
  /** [gates·hidden] */
  readonly biasHh: Tensor | null;
}

export interface RecurrentOptions {
  /** Computes from the last time step to the first. */
  readonly reverse?: boolean;
}

export type Gradient = Tensor | null | typeof DELIVERED;

/** Throws ShapeError or DTypeError unless x: [rows, input], the states and the weights fit together. */
export function checkRecurrent(
  where: string,
  x: Tensor,
  states: readonly (readonly [name: string, state: Tensor, size: number])[],
  { weightIh, weightHh, biasIh, biasHh }: RecurrentWeights,
  batch: number,
): void {
  if (x.rank !== 2 || x.shape[1] !== weightIh.shape[1]) {
    throw new ShapeError(`${where}: x ${show(x.shape)} must be [rows, ${weightIh.shape[1]}], the inputs of its weight`);
  }
  for (const [name, state, size] of states) {
    if (state.rank !== 2 || state.shape[0] !== batch || state.shape[1] !== size) {
      throw new ShapeError(
        `${where}: ${name} ${show(state.shape)} must be [${batch}, ${size}], a row for each sequence`,
      );
    }
  }
  const others = [...states.map(([, state]) => state), weightIh, weightHh, biasIh, biasHh];
  const other = others.find((tensor) => tensor !== null && tensor.dtype !== x.dtype);
  if (other) throw new DTypeError(`${where}: x is ${x.dtype}, but a state or weight is ${other.dtype}`);
}

/** x·Wᵀ + bias for all rows at once. No gradient is recorded. */
export function inputGates(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const gates = Tensor.empty([x.shape[0], weight.shape[0]], x.dtype);
  if (gates.size > 0) gemm(gates, x, transposed(weight), bias ? FROM_BIAS : OVERWRITE, bias);
  return gates;
}

/** The sum of both biases, without gradient; null if there are none. */
export function commonBias({ biasIh, biasHh }: RecurrentWeights): Tensor | null {
  return biasIh && biasHh && add(biasIh.detach(), biasHh.detach());
}

/** Wᵀ, a view without gradient. */
export function transposed(weight: Tensor): Tensor {
  return permute(weight.detach(), [1, 0]);
}

/** dx = dGates·W. */
export function inputGradient(x: Tensor, weight: Tensor, gradGates: Tensor): Tensor | null {
  return x.requiresGrad ? product(gradGates, weight.detach()) : null;
}

/** Up to so many columns dW is computed as its transpose, so that the gates are read as they lie instead of packed. */
const NARROW = 32;

/** dW = dGatesᵀ·inputs over all rows: one product. */
export function weightGradient(weight: Tensor, gradGates: Tensor, inputs: Tensor): Gradient {
  if (!weight.requiresGrad) return null;
  if (weight.shape[1] > NARROW) return productInto(weight, permute(gradGates, [1, 0]), inputs.detach());
  return permute(product(transposed(inputs), gradGates), [1, 0]);
}

/** Σ dGates over the rows, for each of the biases that there are. */
export function biasGradients(biases: readonly (Tensor | null)[], gradGates: Tensor): Gradient[] {
  const given = biases.filter((bias) => bias !== null);
  const total = given.some((bias) => bias.requiresGrad) ? sum(gradGates, 0) : null;
  return given.map((bias) => (bias.requiresGrad ? total : null));
}
