/// <reference path="./webassembly.d.ts" />
/**
 * The shared heap: one WebAssembly.Memory a process, `initial == maximum`, so views never go stale and the operating
 * system commits pages on first touch. Threads claim chunks of it with one atomic exchange; what a thread claims it manages
 * alone (free-list.ts for long-lived tensors, step.ts for the tensors of a step), so no lock is ever taken.
 *
 * Layout: page 0 is reserved (address 0 stays invalid; kernels keep constants below CONTROL); chunks follow.
 */
import { GradwireError, MemoryError } from '../errors.ts';

export const PAGE_BYTES = 65536;
const CONTROL = 32768; // byte address of [pages claimed so far]
const SIZES_GIB = [4, 2, 1, 0.5];

/** The whole heap as typed arrays: an element at a byte address has index address >>> 0, 2 or 3. */
export interface HeapViews {
  u8: Uint8Array;
  i32: Int32Array;
  u32: Uint32Array;
  f32: Float32Array;
  f64: Float64Array;
}

/** The process's shared WebAssembly.Memory; hand it to worker threads as it is. */
export interface HeapMemory {
  readonly buffer: SharedArrayBuffer;
}

const none = new SharedArrayBuffer(0);
/** Filled on first use of the heap in this thread; the object stays the same. */
export const views: HeapViews = {
  u8: new Uint8Array(none),
  i32: new Int32Array(none),
  u32: new Uint32Array(none),
  f32: new Float32Array(none),
  f64: new Float64Array(none),
};
let memory: HeapMemory | undefined;

/** The process's heap, made on first use: 4 GiB of address space, or less where the system refuses. */
export function heapMemory(): HeapMemory {
  if (memory) return memory;
  const created = createMemory();
  attachHeap(created);
  Atomics.store(views.u32, CONTROL >>> 2, 1);
  return created;
}

/** Joins the heap that another thread of this process made. Call it before any tensor is made in this thread. */
export function attachHeap(shared: HeapMemory): void {
  if (memory === shared) return;
  if (memory) {
    throw new GradwireError(
      'ERR_HEAP_IN_USE',
      'attachHeap: this thread already made tensors on a heap of its own; call it first',
    );
  }
  memory = shared;
  const { buffer } = shared;
  views.u8 = new Uint8Array(buffer);
  views.i32 = new Int32Array(buffer);
  views.u32 = new Uint32Array(buffer);
  views.f32 = new Float32Array(buffer);
  views.f64 = new Float64Array(buffer);
}

/** Typed arrays over the whole heap, for authors of loaders and transports that fill tensors in place. */
export function heapViews(): HeapViews {
  heapMemory();
  return views;
}

/** Takes `bytes` (rounded up to pages) that no other thread has; returns the address. Throws MemoryError at the end. */
export function claim(bytes: number, purpose: string): number {
  heapMemory();
  const pages = Math.ceil(bytes / PAGE_BYTES);
  for (;;) {
    const first = Atomics.load(views.u32, CONTROL >>> 2);
    if ((first + pages) * PAGE_BYTES > views.u8.length) {
      const free = views.u8.length - first * PAGE_BYTES;
      throw new MemoryError(
        `${purpose}: ${mib(bytes)} asked, but only ${mib(free)} of the ${mib(views.u8.length)} heap are free`,
      );
    }
    if (Atomics.compareExchange(views.u32, CONTROL >>> 2, first, first + pages) === first) return first * PAGE_BYTES;
  }
}

/** Bytes of the heap that threads have claimed, and its whole size. Claimed bytes only grow. */
export function heapUsage(): { claimedBytes: number; heapBytes: number } {
  heapMemory();
  return { claimedBytes: Atomics.load(views.u32, CONTROL >>> 2) * PAGE_BYTES, heapBytes: views.u8.length };
}

export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** One page short of 4 GiB at most: V8's typed arrays end at 2³² − 1 elements. */
function createMemory(): HeapMemory {
  let cause: unknown;
  for (const gib of SIZES_GIB) {
    const pages = Math.min(gib * 16384, 65535);
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (error) {
      cause = error;
    }
  }
  throw new GradwireError(
    'ERR_HEAP',
    'heap: the system gave not even 0.5 GiB of address space for shared memory; raise its limit (ulimit -v)',
    { cause },
  );
}
