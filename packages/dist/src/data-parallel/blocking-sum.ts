import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { GradwireError } from '@gradwire/tensor';
import { broadcast } from '../collectives/broadcast.ts';
import type { ProcessGroup } from '../group.ts';
import { freePort } from '../launch/free-port.ts';
import { groupAddress, type GroupAddress } from '../rendezvous/environment.ts';
import { ASKED, FAILED, type SumThreadFailure, type SumThreadStart } from './blocking-sum-messages.ts';

/** Numbers that are on their way at a time. */
const PIECE = 16 * 1024;
/** How much longer than the group's own waits: only if its thread is gone. */
const GRACE_MS = 10_000;

interface SumThread extends Pick<SumThreadStart, 'state' | 'numbers' | 'timeoutMs'> {
  readonly worker: Worker;
  readonly port: MessagePort;
}

/**
 * Sums numbers over all processes of a group while the calling thread waits: for code in the midst of a forward or
 * backward, which cannot await, such as SyncBatchNorm of nn. A thread of its own has the sockets, so peers are answered
 * meanwhile; it joins a second group, at a free port of rank 0.
 *
 * const sums = await BlockingSum.join(group); … convertSyncBatchNorm(model, sums.sum); … await sums.close();
 */
export class BlockingSum {
  /** Null in a group of one. */
  readonly #thread: SumThread | null;

  private constructor(thread: SumThread | null) {
    this.#thread = thread;
  }

  /** All ranks call it. given: what `joinGroup` was given to join `group`, beside the environment. Throws what that throws. */
  static async join(group: ProcessGroup, given: Partial<GroupAddress> = {}): Promise<BlockingSum> {
    const { rank, size, timeoutMs } = group;
    if (size === 1) return new BlockingSum(null);
    const masterPort = Float64Array.of(rank === 0 ? await freePort() : 0);
    await broadcast(group, masterPort);
    const address = { ...groupAddress(given, process.env), masterPort: masterPort[0]! };
    const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const numbers = new Float64Array(new SharedArrayBuffer(PIECE * Float64Array.BYTES_PER_ELEMENT));
    const { port1: port, port2 } = new MessageChannel();
    const workerData: SumThreadStart = { address, timeoutMs, state, numbers, port: port2 };
    const file = new URL('./blocking-sum-thread.js', import.meta.url);
    const worker = new Worker(file, { workerData, transferList: [port2] });
    const [failure] = (await once(worker, 'message')) as [SumThreadFailure | null];
    if (failure) throw new GradwireError(failure.code, failure.message);
    worker.unref(); // it does not keep the process from ending
    return new BlockingSum({ worker, port, state, numbers, timeoutMs });
  }

  /**
   * Replaces numbers by their sums over all processes, the same bits on each (`treeAllReduce`). All ranks call it alike.
   * Throws what the group throws if a peer is lost.
   */
  readonly sum = (numbers: Float64Array): void => {
    if (!this.#thread) return;
    for (let start = 0; start < numbers.length; start += PIECE) {
      const piece = numbers.subarray(start, start + PIECE);
      this.#thread.numbers.set(piece);
      ask(this.#thread, piece.length);
      piece.set(this.#thread.numbers.subarray(0, piece.length));
    }
  };

  /** Leaves in peace. */
  async close(): Promise<void> {
    if (!this.#thread) return;
    const { worker, port } = this.#thread;
    worker.ref();
    const ended = once(worker, 'exit');
    port.postMessage(null);
    await ended;
  }
}

/** Has the first `length` of the shared numbers summed. */
function ask({ port, state, timeoutMs }: SumThread, length: number): void {
  Atomics.store(state, 0, ASKED);
  port.postMessage(length);
  const end = Atomics.wait(state, 0, ASKED, timeoutMs + GRACE_MS);
  if (end === 'timed-out') throw new GradwireError('ERR_GROUP_TIMEOUT', 'BlockingSum: its thread does not answer');
  if (Atomics.load(state, 0) !== FAILED) return;
  const { code, message } = receiveMessageOnPort(port)!.message as SumThreadFailure;
  throw new GradwireError(code, message);
}
