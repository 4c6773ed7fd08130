/**
 * Memory of results that are not kept for gradients: what a layer of ours makes and does not return is dead when it
 * returns, unless code that is not ours has seen it.
 */
import { isRecording } from '../autograd.ts';
import { tracer } from '../autograd/trace.ts';
import type { Tensor } from '../tensor.ts';
import { freeBlock, scope } from './allocate.ts';
import { blockOf, isWatching, made, pin, watch } from './made.ts';

/** Whether results are of a step, and no tape keeps them. */
export function isFleeting(): boolean {
  return scope !== null && !isRecording() && tracer === null;
}

/**
 * Runs `fn`, which is ours, and gives back what it has made but for `outputsOf` its result. `seenBy` tells whether others
 * could see inside after all; it is asked only where there is something to give back.
 * @internal
 */
export function givingBack<T>(fn: () => T, outputsOf: (result: T) => Tensor[], seenByOthers: () => boolean): T {
  const [start, before] = [made.length, watch(true)];
  let result: T;
  try {
    result = fn();
  } catch (error) {
    made.length = start;
    throw error;
  } finally {
    watch(before);
  }
  if (made.length === start) return result;
  if (seenByOthers()) made.length = start;
  else keepOnly(start, outputsOf(result));
  if (!before) made.length = start;
  return result;
}

/** Runs `fn`, which is not ours: what it makes, and `seen`, stay until the end of the step. @internal */
export function seenByOthers<T>(seen: () => Tensor[], fn: () => T): T {
  if (!isWatching()) return fn();
  seen().forEach(pin);
  watch(false);
  try {
    return fn();
  } finally {
    watch(true);
  }
}

/** Where what is made from now on begins, for `keepOnly`; null if nothing is given back here. @internal */
export function innerMark(): number | null {
  return isWatching() && isFleeting() ? made.length : null;
}

/** Gives back what was made since `mark` but for the memory of `outputs`. @internal */
export function keepOnly(mark: number, outputs: readonly Tensor[]): void {
  const kept = new Set(outputs.map(blockOf));
  let next = mark;
  for (let i = mark; i < made.length; i++) {
    const block = made[i];
    if (kept.has(block)) made[next++] = block;
    else if (!block.pinned) freeBlock(block);
  }
  made.length = next;
}
