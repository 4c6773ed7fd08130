/**
 * Memory of results that no tape keeps: what a layer of ours makes and does not return is dead when it returns, unless
 * code that is not ours has seen it. For the packages of this project; everybody else has `step`.
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

/** Begins a stretch of our own code, which `endInner` ends; returns its mark, negative if there is none around it. */
export function beginInner(): number {
  return watch(true) ? made.length : ~made.length;
}

/** Whether a stretch has made something that could be given back. */
export function hasInner(mark: number): boolean {
  return made.length > (mark < 0 ? ~mark : mark);
}

/** Ends a stretch: what it has made is given back, but for `outputs`; with null, as after an error, nothing is. */
export function endInner(mark: number, outputs: readonly Tensor[] | null): void {
  const start = mark < 0 ? ~mark : mark;
  if (outputs !== null) keepOnly(start, outputs);
  if (outputs === null || mark < 0) forget(start);
  if (mark < 0) watch(false);
}

function forget(start: number): void {
  if (made.length > start) made.length = start; // setting a length is slow
}

/** Where what is made from now on in the stretch begins, for `keepOnly`; null outside of stretches. */
export function innerMark(): number | null {
  return isWatching() && isFleeting() ? made.length : null;
}

/** Gives back what was made since `mark` but for the memory of `outputs`. */
export function keepOnly(mark: number, outputs: readonly Tensor[]): void {
  let next = mark;
  for (let i = mark; i < made.length; i++) {
    const block = made[i];
    if (outputs.some((x) => blockOf(x) === block)) made[next++] = block;
    else if (!block.pinned) freeBlock(block);
  }
  forget(next);
}

/** Runs `fn`, which is not ours: what it makes, and `seen`, stay until the end of the step. */
export function seenByOthers<T>(seen: () => readonly Tensor[], fn: () => T): T {
  if (!isWatching()) return fn();
  seen().forEach(pin);
  watch(false);
  try {
    return fn();
  } finally {
    watch(true);
  }
}
