/**
 * Gives memory back within a pass: a large gradient of a result, or what its rule needed on the way, is dead once the nodes
 * that it was for have used it. Counted are the nodes for which a block holds a gradient. What code outside of this
 * package has seen (hooks, rules of `record`, results of `grad`) and gradients of leaves are not given back.
 */
import { freeBlock } from '../heap/allocate.ts';
import { blockOf, made, note } from '../heap/made.ts';
import type { Tensor } from '../tensor.ts';

/** Begins to count the blocks made since `made` had `start`. */
export function count(start: number): void {
  for (let i = start; i < made.length; i++) made[i].holders = 0;
}

/** A node waits with this gradient. */
export function hold(grad: Tensor): void {
  const block = blockOf(grad);
  if (block !== null && block.holders >= 0) block.holders++;
}

/** A node has used this gradient. */
export function drop(grad: Tensor): void {
  const block = blockOf(grad);
  if (block !== null && block.holders > 0 && --block.holders === 0 && !block.pinned) freeBlock(block);
}

/** Gives back what was made since `start` and holds no gradient. */
export function sweep(start: number): void {
  if (made.length === start) return;
  for (let i = start; i < made.length; i++) if (made[i].holders === 0 && !made[i].pinned) freeBlock(made[i]);
  made.length = start;
}

/** Hands a result of the pass to whoever has called it. */
export function handOut(grad: Tensor): void {
  const block = blockOf(grad);
  if (block === null || block.holders < 0) return;
  block.holders = -1;
  note(block);
}
