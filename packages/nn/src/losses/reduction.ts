import { ShapeError, type Tensor } from '@gradwire/tensor';

/** What becomes of the losses of single elements: their mean, their sum, or themselves. */
export type Reduction = 'mean' | 'sum' | 'none';

export function reduce(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? losses.sum() : losses.mean();
}

/** Throws ShapeError unless target has input's shape: one that merely broadcasts is nearly always a mistake. */
export function checkSameShape(where: string, input: Tensor, target: Tensor): void {
  if (input.shape.join() === target.shape.join()) return;
  const [given, wanted] = [target.shape, input.shape].map((shape) => `[${shape.join(', ')}]`);
  throw new ShapeError(`${where}: target ${given} must have the shape of input ${wanted}; expand it if that is meant`);
}
