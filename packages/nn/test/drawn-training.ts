import { Generator, tensor, type Tensor } from '@gradwire/tensor';
import type { Optimizer } from '../src/optim/optimizer.ts';

export const SIZES = [3, 16, 37];
export const STEPS = 6;

/** The parameters, and the gradient that each has in each step: the same for the same seed. */
export function drawTraining(seed: number): { values: number[][]; gradients: number[][][] } {
  const generator = new Generator(seed);
  const draw = (n: number): number[] => Array.from({ length: n }, () => Math.fround(generator.normal()));
  return { values: SIZES.map(draw), gradients: Array.from({ length: STEPS }, () => SIZES.map(draw)) };
}

export const leaves = (values: readonly number[][]): Tensor[] =>
  values.map((row) => tensor(row, { requiresGrad: true }));
export const valuesOf = (optimizer: Optimizer): number[][] => optimizer.flat.parameters.map((p) => [...p.data()]);

export function setGradients(optimizer: Optimizer, gradients: readonly (readonly number[] | null)[]): void {
  optimizer.flat.parameters.forEach((parameter, i) => {
    const gradient = gradients[i];
    parameter.grad = gradient ? tensor(gradient) : null;
  });
}
