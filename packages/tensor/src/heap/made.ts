/**
 * The blocks that our own code has made, for whoever knows afterwards which of them can still be reached. Code that is
 * not ours runs unwatched: what it makes, or sees (`pin`), stays until the end of the step.
 */
import type { Tensor } from '../tensor.ts';
import { Block } from './scope.ts';

/** The newest last. Who watches takes off what it has added. */
export const made: Block[] = [];
let watching = false;

/** Notes new blocks in `made` from now on, or no longer; returns what was before. */
export function watch(on: boolean): boolean {
  const before = watching;
  watching = on;
  return before;
}

export function isWatching(): boolean {
  return watching;
}

/** Called with every new block. */
export function note(block: Block): void {
  if (watching) made.push(block);
}

/** The block in which x lies; null if it is long-lived, or small. */
export function blockOf({ scope }: Tensor): Block | null {
  return scope instanceof Block ? scope : null;
}

/** Keeps the memory of x until the end of the step. */
export function pin(x: Tensor): void {
  const block = blockOf(x);
  if (block !== null) block.pinned = true;
}
