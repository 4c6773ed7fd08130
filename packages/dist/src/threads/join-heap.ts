import { attachHeap } from '@gradwire/tensor';
import { workerData } from 'piscina';
import type { ThreadStart } from './thread-pool.ts';

/** In a thread of a ThreadPool: joins the heap of the process. Call it before any tensor is made. */
export function joinHeap(): void {
  attachHeap((workerData as ThreadStart).heap);
}
