import { innerMark, keepOnly, type Tensor } from '@gradwire/tensor';
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
  const list = [...layers];
  let mark = innerMark();
  if (mark !== null && list.some(isPatched)) mark = null;
  list.forEach((layer, i) => {
    x = call(layer, x, i);
    if (mark !== null) keepOnly(mark, [x]);
  });
  return x;
}
