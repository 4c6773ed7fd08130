import { treeSum, type StepControl } from '@gradwire/dist';
import { SyncBatchNorm, type Module } from '@gradwire/nn';
import { GradwireError, Tensor, type TensorHandle } from '@gradwire/tensor';
import type { RunConfig } from '../run-config.ts';

const CODE = 'ERR_SYNC_BATCH_NORM';
const NOTHING = new Float64Array(0);

/** Which of the shards have examples in a step: the first ones do. */
export interface BusyShards {
  /** Of this process. */
  readonly here: number;
  /** Processes that have any. */
  readonly processes: number;
}

/** What the main thread is asked: to sum `length` numbers at the beginning of a slot over the first `processes`. */
export interface SumMessage {
  readonly type: 'sum';
  readonly slot: number;
  readonly length: number;
  readonly processes: number;
}

/**
 * Sums numbers over all shards of a step in its midst, for layers that see the whole batch (SyncBatchNorm): each shard
 * has a thread of its own, which waits for the others. Sums are those of the fixed tree over shards, so the bits do not
 * depend on the layout. Every shard ends its step with a sum of nothing; so one that makes more or fewer sums than the
 * others is found out, instead of being waited for.
 */
export class ShardSums {
  readonly #control: StepControl;
  readonly #shards: number;
  readonly #own: number;
  readonly #tell: (message: SumMessage) => void;
  /** For two sums in turn, so that a fast thread does not overwrite what a slow one has yet to read. */
  readonly #slots: readonly Float64Array[];
  #busy: BusyShards = { here: 0, processes: 0 };
  #sums = 0;

  /** own: this thread's shard of the `shards` of the process. */
  constructor(
    handle: TensorHandle,
    shards: number,
    own: number,
    control: StepControl,
    tell: (message: SumMessage) => void,
  ) {
    this.#slots = slotsOf(handle);
    this.#shards = shards;
    this.#own = own;
    this.#control = control;
    this.#tell = tell;
  }

  begin(busy: BusyShards): void {
    this.#busy = busy;
    this.#sums = 0;
  }

  /** Throws ERR_SYNC_BATCH_NORM if other shards sum something else; StepAbortedError if one has failed. */
  sum(numbers: Float64Array): void {
    const turn = this.#sums++ % 2;
    const slot = this.#slotOf(turn, this.#own);
    slot[0] = numbers.length;
    slot.set(numbers, 1);
    this.#control.meet(this.#busy.here, () => this.#settle(turn, numbers.length));
    numbers.set(this.#slotOf(turn, 0).subarray(1, 1 + numbers.length));
  }

  /** Ends the shard's part of a step. */
  end(): void {
    this.sum(NOTHING);
  }

  /** In the thread that came last. */
  #settle(turn: number, length: number): void {
    const { here, processes } = this.#busy;
    const parts = Array.from({ length: this.#shards }, (_, shard) => {
      const slot = this.#slotOf(turn, shard);
      if (shard >= here) slot.fill(0, 1, 1 + length);
      else if (slot[0] !== length) throw unlikeShards(slot[0]!, length);
      return slot.subarray(1, 1 + length);
    });
    treeSum(parts);
    if (processes === 1) return;
    this.#control.awaitAnswer(() => this.#tell({ type: 'sum', slot: turn * this.#shards, length, processes }));
  }

  #slotOf(turn: number, shard: number): Float64Array {
    return this.#slots[turn * this.#shards + shard]!;
  }
}

/** Shared memory for the sums of so many shards of a process; null if the model has no layer that needs it. */
export function sharedSums(model: Module, shards: number): TensorHandle | null {
  const layers = syncLayers(model);
  if (layers.length === 0) return null;
  const numbersMax = 1 + 2 * Math.max(...layers.map(({ numFeatures }) => numFeatures));
  return Tensor.emptyLongLived([2 * shards, 1 + numbersMax], 'float64', 'sums over shards').handle();
}

/** The busy shards of a step of so many examples, seen from the process that begins with shard `first` of the run. */
export function busyShards(
  examples: number,
  first: number,
  { shards, processShards }: { readonly shards: number; readonly processShards: number },
): BusyShards {
  const busy = Math.min(examples, shards);
  return {
    here: Math.min(Math.max(busy - first, 0), processShards),
    processes: Math.ceil(busy / processShards),
  };
}

/** Where a message's numbers lie. */
export function numbersAt(handle: TensorHandle, { slot, length }: SumMessage): Float64Array {
  return slotsOf(handle)[slot]!.subarray(1, 1 + length);
}

/** The layers of a model that see the batches of all workers. */
export function syncLayers(model: Module): SyncBatchNorm[] {
  return model.modules().filter((module) => module instanceof SyncBatchNorm);
}

/** Throws ERR_SYNC_BATCH_NORM if the model's layers need shards at once that a thread runs one by one. */
export function checkSyncLayers(model: Module, { shards, nproc, threads }: RunConfig): void {
  const workers = nproc * threads;
  if (shards === workers || syncLayers(model).length === 0) return;
  throw new GradwireError(
    CODE,
    `SyncBatchNorm needs all shards of a step at once, but ${workers} workers (${nproc} × ${threads}) would take turns ` +
      `with ${shards} shards; take --shards ${workers}, or as many workers as shards (--threads, --nproc)`,
  );
}

function slotsOf(handle: TensorHandle): Float64Array[] {
  const [slots, size] = handle.shape as [number, number];
  const all = Tensor.fromHandle(handle).view() as Float64Array;
  return Array.from({ length: slots }, (_, slot) => all.subarray(slot * size, (slot + 1) * size));
}

function unlikeShards(one: number, other: number): GradwireError {
  return new GradwireError(
    CODE,
    `one shard sums ${one} numbers while another sums ${other}; the model must use the same layers, ` +
      'as often and in the same order, for every batch',
  );
}
