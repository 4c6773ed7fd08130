/**
 * The three products of a convolution, each linear in both of its operands: result of input and weight, input of result
 * and weight, weight of result and input. The gradients of one are the other two, so they have gradients of any order.
 */
import { record, type Node } from '../autograd.ts';
import { readsInputs } from '../autograd/versions.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor, type KernelName } from '../kernels/dispatch.ts';
import type { Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { bindConvolution } from './conv-geometry.ts';
import { fill } from './fill.ts';

type Geometry = readonly number[];

/** The convolution of x by weight, [N, O, …]. */
export function convResult(x: Tensor, weight: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const out = computed('conv2d', shape, geometry, { x, weight });
  return record(out, convResultGradient, [x, weight], geometry);
}
function convResultGradient(grad: Tensor, { inputs: [x, weight], saved }: Node): Tensor[] {
  const geometry = saved as Geometry;
  return [convInput(grad, weight, x.shape, geometry), convWeight(grad, x, weight.shape, geometry)];
}

/** What reaches each input: y spread over the windows by weight. */
export function convInput(y: Tensor, weight: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const out = computed('conv2dGradInput', shape, geometry, { weight, y });
  return record(out, convInputGradient, [y, weight], geometry);
}
function convInputGradient(grad: Tensor, { inputs: [y, weight], saved }: Node): Tensor[] {
  const geometry = saved as Geometry;
  return [convResult(grad, weight, y.shape, geometry), convWeight(y, grad, weight.shape, geometry)];
}

/** What reaches each weight: the products of y and x over all its places. */
export function convWeight(y: Tensor, x: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const out = computed('conv2dGradWeight', shape, geometry, { x, y });
  return record(out, convWeightGradient, [y, x], geometry);
}
function convWeightGradient(grad: Tensor, { inputs: [y, x], saved }: Node): Tensor[] {
  const geometry = saved as Geometry;
  return [convResult(x, grad, y.shape, geometry), convInput(y, grad, x.shape, geometry)];
}

/** The product that is not among the operands, by its kernel. */
function computed(
  kernel: KernelName,
  shape: Shape,
  geometry: Geometry,
  operands: { x?: Tensor; weight?: Tensor; y?: Tensor },
): Tensor {
  const { dtype } = (operands.x ?? operands.y)!;
  const out = Tensor.empty(shape, dtype);
  if (out.size === 0) return out;
  const address = (x: Tensor | undefined): number => (x ? rowMajor(x).address : out.address);
  const [x, weight, y] = [address(operands.x), address(operands.weight), address(operands.y)];
  if (Object.values(operands).some(({ size }) => size === 0)) return fill(out, 0);
  const kernels = kernelsFor(dtype);
  const words = bindConvolution(x, weight, 0, y, geometry);
  words[20] = 0;
  kernels[kernel](block);
  return out;
}

readsInputs(convResultGradient, convInputGradient, convWeightGradient);
