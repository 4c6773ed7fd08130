import { accumulate, copyInto } from '../ops/accumulate.ts';
import type { Tensor } from '../tensor.ts';

/** Adds a gradient to `leaf.grad`. */
export function addToLeaf(leaf: Tensor, grad: Tensor): void {
  const target = leaf.gradTarget();
  if (leaf.hasGrad) accumulate(target, grad);
  else copyInto(target, grad);
  leaf.hasGrad = true;
}
