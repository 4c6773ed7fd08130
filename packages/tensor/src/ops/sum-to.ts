import { sameShape, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { reshape } from './reshape.ts';
import { sum } from './reduce.ts';

/** Sums a gradient over the dimensions that broadcasting added or stretched, back to `shape`. */
export function sumTo(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const added = grad.rank - shape.length;
  const dims: number[] = [];
  for (let d = 0; d < grad.rank; d++) {
    if (d < added || (shape[d - added] === 1 && grad.shape[d] !== 1)) dims.push(d);
  }
  return reshape(sum(grad, dims, true), shape);
}
