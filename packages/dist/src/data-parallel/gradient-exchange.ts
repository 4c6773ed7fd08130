import { allGather } from '../collectives/all-gather.ts';
import { treeAllReduce } from '../collectives/tree-all-reduce.ts';
import type { ProcessGroup } from '../group.ts';
import type { Bucket } from './bucket-plan.ts';

/**
 * The part of a step that runs between processes, in the main thread: buckets leave while backward goes on, always in
 * the order of the plan whatever the order in which they fill, so that every rank begins the same operations in the
 * same order; a small vector of figures closes the step.
 */
export class GradientExchange {
  readonly #group: ProcessGroup;
  readonly #gradient: Float32Array;
  readonly #buckets: readonly Bucket[];
  readonly #filled = new Set<number>();
  #sent: Promise<void>[] = [];
  #step = 0;

  /** gradient: this process's flat gradient, which becomes the sum over all processes. */
  constructor(group: ProcessGroup, gradient: Float32Array, buckets: readonly Bucket[]) {
    this.#group = group;
    this.#gradient = gradient;
    this.#buckets = buckets;
  }

  /** Bucket `bucket` of `step` holds this process's sum. */
  filled(step: number, bucket: number): void {
    this.#step = step;
    this.#filled.add(bucket);
    while (this.#filled.has(this.#sent.length)) this.#send(this.#sent.length);
  }

  /** Sends what is left of the step, waits for all of it, and gives every rank the figures of all: [rank][figure]. */
  async finish(step: number, figures: readonly number[]): Promise<number[][]> {
    const { rank, size } = this.#group;
    const all = new Float64Array(size * figures.length);
    all.set(figures, rank * figures.length);
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) this.filled(step, bucket);
    const sent = this.#sent;
    this.#sent = [];
    this.#filled.clear();
    const gathered = figures.length > 0 ? allGather(this.#group, all, { step }) : undefined;
    await Promise.all([...sent, gathered]);
    return Array.from({ length: size }, (_, r) => [...all.subarray(r * figures.length, (r + 1) * figures.length)]);
  }

  #send(bucket: number): void {
    const { start, end } = this.#buckets[bucket]!;
    const sending = treeAllReduce(this.#group, this.#gradient.subarray(start, end), { step: this.#step, bucket });
    sending.catch(() => {}); // `finish` reports it
    this.#sent.push(sending);
  }
}
