import { hasInner, innerMark, keepOnly, type Tensor } from '@gradwire/tensor';
import { isPatched } from '../module-call.ts';
import type { Module } from '../module.ts';

/**
 * Calls layers one after the other, each with the result of the one before. Without gradients, a result is given back when the
 * next layer has returned.
 */
export function inTurn<L extends Module>(
  layers: Iterable<L>,
  x: Tensor,
  call: (layer: L, x: Tensor, i: number) => Tensor,
): Tensor {
  let mark = innerMark();
  let i = 0;
  for (const layer of layers) {
    x = call(layer, x, i++);
    if (mark === null || !hasInner(mark)) continue;
    if ([...layers].some(isPatched)) mark = null;
    else keepOnly(mark, [x]);
  }
  return x;
}
