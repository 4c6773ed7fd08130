import type { Tensor } from '@gradwire/tensor';
import { reduce, type Reduction } from './reduction.ts';

/** (input − target)², averaged over all elements. */
export function mseLoss(input: Tensor, target: Tensor, { reduction = 'mean' }: { reduction?: Reduction } = {}): Tensor {
  const difference = input.sub(target);
  return reduce(difference.mul(difference), reduction);
}

/** |input − target|, averaged over all elements. */
export function l1Loss(input: Tensor, target: Tensor, { reduction = 'mean' }: { reduction?: Reduction } = {}): Tensor {
  return reduce(input.sub(target).abs(), reduction);
}
