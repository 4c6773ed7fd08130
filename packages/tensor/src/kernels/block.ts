/**
 * The argument block: how every kernel, compiled or reference, gets its operands. It lies in the heap, one a thread:
 * WORDS 32-bit words (addresses, sizes, strides, flags; their meaning stands at each kernel) and then REALS doubles.
 */
import { claim, heapMemory, views } from '../heap/memory.ts';

const WORDS = 64;
const REALS = 16;

/** Byte address of this thread's block; pass it to kernels. */
export let block = 0;
export let words: Uint32Array = new Uint32Array(0);
export let reals: Float64Array = new Float64Array(0);

/** Makes this thread's block on first use and returns its words. */
export function openBlock(): Uint32Array {
  if (block === 0) {
    heapMemory();
    block = claim(WORDS * 4 + REALS * 8, 'argument block');
    words = new Uint32Array(views.u8.buffer, block, WORDS);
    reals = new Float64Array(views.u8.buffer, block + WORDS * 4, REALS);
  }
  return words;
}
