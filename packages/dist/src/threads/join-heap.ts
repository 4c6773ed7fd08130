import { attachHeap } from '@gradwire/tensor';
import { workerData } from 'piscina';
import type { ThreadStart } from './thread-pool.ts';

/** In a thread of a ThreadPool: joins the heap of the process, and returns what the pool was given. Call it before any tensor is made. */
export function joinHeap(): unknown {
  const { heap, given } = workerData as ThreadStart;
  attachHeap(heap);
  return given;
}
