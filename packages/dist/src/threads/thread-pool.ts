import { heapMemory, type HeapMemory } from '@gradwire/tensor';
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';

/** What a thread of the pool is started with (`joinHeap`). */
export interface ThreadStart {
  readonly heap: HeapMemory;
  readonly given: unknown;
}

/**
 * Worker threads that share this process's heap. A task is a long one: many training steps, paced through atomics in
 * the heap, so the cost of a message is paid once.
 */
export class ThreadPool {
  readonly threads: number;
  readonly #pool: Piscina;

  /** filename: URL of a compiled module whose default export runs one task; it calls `joinHeap` first, which returns `given`. */
  constructor(filename: URL, threads: number, given?: unknown) {
    this.threads = threads;
    const workerData: ThreadStart = { heap: heapMemory(), given };
    this.#pool = new Piscina({
      filename: filename.href,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      workerData,
    });
  }

  /** Runs one task on each thread at once; resolves with their results in order. Ports in `transferOf` change hands. */
  run<Result, Task extends object = object>(
    taskOf: (thread: number) => Task,
    transferOf: (task: Task) => MessagePort[] = () => [],
  ): Promise<Result[]> {
    const tasks = Array.from({ length: this.threads }, (_, thread) => taskOf(thread));
    return Promise.all(
      tasks.map((task) => this.#pool.run(task, { transferList: transferOf(task) }) as Promise<Result>),
    );
  }

  /** Ends the threads; running tasks are cut off. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
