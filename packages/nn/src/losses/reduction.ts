import type { Tensor } from '@gradwire/tensor';

/** What becomes of the losses of single elements: their mean, their sum, or themselves. */
export type Reduction = 'mean' | 'sum' | 'none';

export function reduce(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return losses;
  return reduction === 'sum' ? losses.sum() : losses.mean();
}
