import { AutogradError } from './errors.ts';
import { step } from './heap/step.ts';
import { Generator } from './random/generator.ts';
import type { Tensor } from './tensor.ts';
import { heapOf, shiftOf } from './dtype.ts';
import { to } from './ops/cast.ts';
import { enableGrad, noGrad } from './autograd.ts';
import { grad } from './autograd/grad.ts';

export interface GradcheckOptions {
  /** Step of the central difference. */
  readonly eps?: number;
  readonly atol?: number;
  readonly rtol?: number;
}

/**
 * Compares the gradients of fn with central differences (f(x + eps) − f(x − eps))/2eps for each element of each input
 * that requires a gradient. Inputs are float64 and contiguous; fn returns one tensor of any shape, whose elements are
 * weighted by fixed random numbers. Returns true; throws AutogradError naming input, element and both numbers.
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { eps = 1e-6, atol = 1e-5, rtol = 1e-3 }: GradcheckOptions = {},
): true {
  for (const [i, { dtype, requiresGrad, strides }] of inputs.entries()) {
    if (requiresGrad && (dtype !== 'float64' || strides !== null)) {
      throw new AutogradError(`gradcheck: input ${i} must be float64 and contiguous to be checked, got ${dtype}`);
    }
  }
  const objective = (): Tensor => {
    const out = fn(...inputs);
    return out.mul(to(new Generator(1).rand(out.shape).add(0.5), 'float64')).sum();
  };
  for (const input of inputs) input.grad = null;
  step(() => objective().backward());
  const value = (): number => step(() => noGrad(() => objective().item()));
  for (const [i, input] of inputs.entries()) {
    if (input.requiresGrad) checkInput(i, input, value, eps, atol, rtol);
  }
  return true;
}

/**
 * The same for second derivatives: gradcheck of the gradients of fn, as functions of the inputs and of the gradient that
 * comes back to fn's result. Throws AutogradError also where an operation has no second-order gradient.
 */
export function gradgradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): true {
  const wanted = inputs.filter(({ requiresGrad }) => requiresGrad);
  const { shape } = step(() => fn(...inputs));
  const back = to(new Generator(2).rand(shape).add(0.5), 'float64').requiresGrad_();
  const gradients = (...all: Tensor[]): Tensor =>
    enableGrad(() => {
      const out = fn(...all.slice(0, -1));
      const found = grad(out, wanted, { gradOutputs: back, createGraph: true, allowUnused: true });
      return found.reduce<Tensor>((sum, g, i) => (g ? sum.add(g.mul(weights[i]).sum()) : sum), back.sum());
    });
  const weights = wanted.map(({ shape: s }, i) => to(new Generator(3, i).rand(s).add(0.5), 'float64'));
  return gradcheck(gradients, [...inputs, back], options);
}

function checkInput(i: number, input: Tensor, value: () => number, eps: number, atol: number, rtol: number): void {
  const [heap, start] = [heapOf('float64'), input.address >>> shiftOf('float64')];
  const grad = input.grad?.data();
  for (let k = 0; k < input.size; k++) {
    const original = heap[start + k];
    heap[start + k] = original + eps;
    const above = value();
    heap[start + k] = original - eps;
    const below = value();
    heap[start + k] = original;
    const expected = (above - below) / (2 * eps);
    const actual = grad ? grad[k] : 0;
    if (!(Math.abs(actual - expected) <= atol + rtol * Math.abs(expected))) {
      throw new AutogradError(
        `gradcheck: input ${i}, element ${k}: backward gives ${actual}, but the central difference is ${expected}`,
      );
    }
  }
}
