/**
 * Where a tensor's memory comes from. Inside `step` it is a bump of a pointer in this thread's arena, whose chunks are
 * used again by the next step, or, for a large tensor, a block of its own (blocks.ts); outside it is a long-lived range,
 * held until its tensor is disposed.
 */
import { MemoryError } from '../errors.ts';
import { FreeList } from './free-list.ts';
import { claim, heapUsage, mib, PAGE_BYTES } from './memory.ts';
import { note } from './made.ts';
import { Block, Scope } from './scope.ts';

const ALIGNMENT = 64;
const CHUNK_BYTES = 4 * 2 ** 20;
/** From this size on, a tensor of a step has a block of its own. */
export const LARGE_BYTES = 16384;

interface Chunk {
  address: number;
  bytes: number;
}

const longLived = new FreeList();
const blocks = new FreeList(); // free memory for large tensors of steps
let claimedForBlocks = 0;
const holders = new Map<number, { bytes: number; label: string }>();
const arena: Chunk[] = [];
let chunk = 0; // index of the arena's chunk in use
let top = 0;
let limit = 0; // outside of a step top = limit = 0, so that every allocation takes the slow path
/** The innermost step in progress; null outside of steps. */
export let scope: Scope | null = null;

/** Address of `bytes` in the current region: the step's arena, or long-lived memory outside of steps. */
export function allocate(bytes: number, label: string): number {
  const address = top;
  const end = address + align(bytes);
  if (end <= limit) {
    top = end;
    return address;
  }
  return scope ? allocateInNextChunk(align(bytes), label) : allocateLongLived(bytes, label);
}

/** Address of `bytes` that stay until `free`, also when called inside a step. */
export function allocateLongLived(bytes: number, label: string): number {
  const rounded = align(bytes);
  let address = longLived.take(rounded);
  if (address === undefined) {
    const claimed = Math.max(rounded, CHUNK_BYTES);
    const start = withHolders(() => claim(claimed, label));
    longLived.give(start, pages(claimed));
    address = longLived.take(rounded)!;
  }
  holders.set(address, { bytes: rounded, label });
  return address;
}

/** Gives long-lived memory of this thread back. Unknown addresses (another thread's, freed before) are ignored. */
export function free(address: number): void {
  const held = holders.get(address);
  if (!held) return;
  holders.delete(address);
  longLived.give(address, held.bytes);
}

/** A block for a large tensor of the innermost step. */
export function allocateBlock(bytes: number, label: string): Block {
  const rounded = align(bytes);
  let address = blocks.take(rounded);
  if (address === undefined) {
    const claimed = pages(Math.max(rounded, CHUNK_BYTES));
    const start = withHolders(() => claim(claimed, label));
    blocks.give(start, claimed);
    claimedForBlocks += claimed;
    address = blocks.take(rounded)!;
  }
  const block = new Block(scope!, address, rounded);
  scope!.blocks.push(block);
  note(block);
  return block;
}

/** Gives a block's memory back for the next large tensor; its tensors and their views are dead. */
export function freeBlock(block: Block): void {
  if (!block.alive) return;
  block.alive = false;
  blocks.give(block.address, block.bytes);
}

/** Enters a step and returns its scope; memory taken from now on is given back by `leaveStep` with the same mark. */
export function enterStep(): StepMark {
  const mark: StepMark = { outer: scope, chunk, top, limit };
  scope = new Scope();
  if (mark.outer === null) {
    chunk = 0;
    top = arena[0]?.address ?? 0;
    limit = arena[0] ? top + arena[0].bytes : 0;
  }
  return mark;
}

export interface StepMark {
  readonly outer: Scope | null;
  readonly chunk: number;
  readonly top: number;
  readonly limit: number;
}

/** Ends the step that `mark` began: its tensors are dead, its memory is free. */
export function leaveStep(mark: StepMark): void {
  if (scope) {
    scope.alive = false;
    for (const block of scope.blocks) if (block.step === scope) freeBlock(block);
  }
  scope = mark.outer;
  ({ chunk, top, limit } = mark);
}

/** Memory in use: by long-lived tensors of this thread, held for this thread's steps, and of the heap as a whole. */
export function memoryUsage(): { longLivedBytes: number; stepBytes: number; claimedBytes: number; heapBytes: number } {
  let longLivedBytes = 0;
  for (const { bytes } of holders.values()) longLivedBytes += bytes;
  return { longLivedBytes, stepBytes: arena.reduce((sum, { bytes }) => sum + bytes, claimedForBlocks), ...heapUsage() };
}

function allocateInNextChunk(bytes: number, label: string): number {
  for (let next = limit === 0 ? 0 : chunk + 1; next < arena.length; next++) {
    if (arena[next].bytes >= bytes) return bumpIn(next, bytes);
  }
  const claimed = Math.max(bytes, CHUNK_BYTES, arena.at(-1)?.bytes ?? 0);
  const size = pages(claimed);
  arena.push({ address: withHolders(() => claim(size, label)), bytes: size });
  return bumpIn(arena.length - 1, bytes);
}

function bumpIn(index: number, bytes: number): number {
  const { address, bytes: size } = arena[index];
  chunk = index;
  top = address + bytes;
  limit = address + size;
  return address;
}

function align(bytes: number): number {
  return bytes <= 0 ? ALIGNMENT : Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Bytes of the pages that hold `bytes`. */
function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** Adds the largest holders of memory, and what to do, to an out-of-memory error. */
function withHolders(take: () => number): number {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    const largest = [...holders.values()].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
    const list = largest.map(({ label, bytes }) => `${label} ${mib(bytes)}`).join(', ') || 'none';
    const advice = scope ? 'use a smaller batch' : 'wrap the loop body in step(() => …) or dispose tensors';
    throw new MemoryError(`${error.message}; largest long-lived tensors: ${list}; ${advice}`);
  }
}
