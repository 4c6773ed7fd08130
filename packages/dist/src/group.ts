import { GradwireError } from '@gradwire/tensor';
import { DesyncError, PeerLostError } from './errors.ts';
import { Mailbox, mailboxKey, type PostedReceive } from './group-mailbox.ts';
import { describeFrame, Operation, type OperationDescription } from './group-operation.ts';
import { WaitList } from './group-waits.ts';
import type { Transport } from './transport/transport.ts';
import { encodeFrameHeader, segmentCount, segmentLength, SEGMENT_BYTES_MAX } from './wire/tensor-frame.ts';
import type { FrameHeader } from './wire/tensor-frame.ts';

export const TIMEOUT_MS = 60_000;
/** A peer that is this far ahead (bytes kept for receives not posted yet) is not read from until the group catches up. */
const EARLY_BYTES_MAX = 64 * 1024 * 1024;
const TOTAL_BYTES_MAX = 0xffffffff;

/** Who watches over the members of a group: learns of broken links, and of this rank's leaving or failing. */
export interface Membership {
  /** A link broke. The membership decides who is to blame and calls `group.fail`. */
  suspect(rank: number, cause: Error): void;
  leave(): Promise<void>;
  abort(reason: string): Promise<void>;
}

export interface GroupOptions {
  /** Frames of an older generation are dropped. */
  generation?: number;
  /** Deadline of every wait, in milliseconds. */
  timeoutMs?: number;
  /** Without one, a broken link fails the group at once. */
  membership?: Membership;
}

/** How an operation talks to the other ranks. `round` tells its messages apart; both ends must name the same. */
export interface OperationLinks {
  /** Resolves when `bytes` may be changed again, which does not mean that they arrived. */
  send(to: number, round: number, bytes: Uint8Array): Promise<void>;
  /** Resolves when `into` is full. `timeoutMs` may be Infinity: the death of a member still ends the wait. */
  receive(from: number, round: number, into: Uint8Array, timeoutMs?: number): Promise<void>;
}

/**
 * Processes that work together, seen from one of them. All ranks must begin the same operations in the same order;
 * several may be under way at once. The first failure fails all that is pending and everything after it.
 */
export class ProcessGroup {
  readonly rank: number;
  readonly size: number;
  readonly generation: number;
  readonly timeoutMs: number;
  readonly #transport: Transport;
  readonly #membership: Membership | undefined;
  readonly #waits: WaitList;
  readonly #mailboxes: readonly Mailbox[];
  readonly #paused = new Set<number>();
  readonly #departed = new Map<number, PeerLostError>();
  readonly #operations = new Map<number, Operation>();
  #nextSequence = 0;
  #failure: GradwireError | null = null;

  /** The group owns `transport` from now on. */
  constructor(transport: Transport, { generation = 1, timeoutMs = TIMEOUT_MS, membership }: GroupOptions = {}) {
    this.rank = transport.rank;
    this.size = transport.size;
    this.generation = generation;
    this.timeoutMs = timeoutMs;
    this.#transport = transport;
    this.#membership = membership;
    this.#waits = new WaitList(this.rank);
    this.#mailboxes = Array.from({ length: this.size }, () => new Mailbox());
    transport.listen({
      frame: (from, header, payload) => this.#accept(from, header, payload),
      lost: (rank, cause) => this.#lose(rank, cause),
      left: (rank) => this.#depart(rank),
    });
  }

  /** Why the group can do no more; null while it can. */
  get failure(): GradwireError | null {
    return this.#failure;
  }

  /** Sends `bytes` to a rank that receives with the same tag (0 to 2³² − 1). Resolves when `bytes` may be changed again. */
  send(to: number, tag: number, bytes: Uint8Array): Promise<void> {
    const operation = new Operation({ op: 'point-to-point', dtype: 'uint8', length: bytes.length }, tag);
    return this.#send(operation, to, 0, bytes);
  }

  /** Fills `into` with the next message of that tag from a rank. Throws DesyncError if it has another size. */
  receive(from: number, tag: number, into: Uint8Array, timeoutMs = this.timeoutMs): Promise<void> {
    const operation = new Operation({ op: 'point-to-point', dtype: 'uint8', length: into.length }, tag);
    return this.#receive(operation, from, 0, into, timeoutMs);
  }

  /** Runs one collective operation. Its place in the order of operations is taken before the first await. */
  async operate<T>(description: OperationDescription, body: (links: OperationLinks) => Promise<T>): Promise<T> {
    const operation = new Operation(description, this.#nextSequence++);
    this.#operations.set(operation.sequence, operation);
    this.#checkEarlyFrames(operation);
    try {
      return await body({
        send: (to, round, bytes) => this.#send(operation, to, round, bytes),
        receive: (from, round, into, timeoutMs = this.timeoutMs) =>
          this.#receive(operation, from, round, into, timeoutMs),
      });
    } finally {
      this.#operations.delete(operation.sequence);
      const over = new GradwireError('ERR_OPERATION_OVER', `${operation} is over`);
      this.#waits.rejectWhere((wait) => wait.operation === operation, over);
    }
  }

  /** Fails this rank's side of the group: all that is pending rejects with `error`, and everything after it. */
  fail(error: GradwireError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#waits.rejectWhere(() => true, error);
    this.#transport.destroy();
  }

  /** Tells all other ranks that this one fails and why; they reject with a PeerLostError that names it. */
  async abort(cause: Error): Promise<void> {
    await this.#membership?.abort(cause.message);
    this.fail(new GradwireError('ERR_ABORTED', `rank ${this.rank} aborted the group: ${cause.message}`, { cause }));
  }

  /** Leaves in peace: what was sent still arrives, and nobody takes it for a failure. */
  async close(): Promise<void> {
    if (!this.#failure) {
      this.#failure = new GradwireError('ERR_GROUP_CLOSED', `rank ${this.rank} has left the group`);
      this.#waits.rejectWhere(() => true, this.#failure);
      await this.#transport.close();
    }
    await this.#membership?.leave();
  }

  #send(operation: Operation, to: number, round: number, bytes: Uint8Array): Promise<void> {
    const refusal = this.#refusal(operation, to, bytes);
    if (refusal) return Promise.reject(refusal);
    const wait = this.#waits.add(operation, to, 'send', this.timeoutMs);
    const { op, dtype, step = 0, bucket = 0 } = operation.description;
    const total = bytes.length;
    const { sequence, fingerprint } = operation;
    const segments = segmentCount(total);
    for (let segment = 0; segment < segments; segment++) {
      const length = segmentLength(segment, total);
      const payload = bytes.subarray(segment * SEGMENT_BYTES_MAX, segment * SEGMENT_BYTES_MAX + length);
      const place = { generation: this.generation, sequence, step, bucket, round, segment, length, total, fingerprint };
      const sent = segment === segments - 1 ? wait.resolve : undefined;
      this.#transport.send(to, encodeFrameHeader({ op, dtype, ...place }), payload, sent);
    }
    return wait.promise;
  }

  #receive(operation: Operation, from: number, round: number, into: Uint8Array, timeoutMs: number): Promise<void> {
    const refusal = this.#refusal(operation, from, into);
    if (refusal) return Promise.reject(refusal);
    const wait = this.#waits.add(operation, from, 'receive', timeoutMs);
    const mailbox = this.#mailboxes[from]!;
    const posted: PostedReceive = {
      key: mailboxKey(operation.description.op, operation.sequence, round),
      into,
      complete: wait.resolve,
      fits: (header) => {
        const fits = header.fingerprint === operation.fingerprint && header.total === into.length;
        if (!fits) this.#desync(operation, from, header);
        return fits;
      },
    };
    wait.promise.catch(() => mailbox.cancel(posted));
    mailbox.post(posted);
    this.#resumeIfCaughtUp(from);
    const departed = this.#departed.get(from);
    if (departed) wait.reject(departed); // no effect if the message came before the peer left
    return wait.promise;
  }

  #refusal(operation: Operation, peer: number, bytes: Uint8Array): GradwireError | null {
    if (this.#failure) return this.#failure;
    if (!Number.isInteger(peer) || peer < 0 || peer >= this.size || peer === this.rank) {
      const others = `the other ranks of this group are 0 to ${this.size - 1} without ${this.rank}`;
      return new GradwireError('ERR_RANK', `${operation}: there is no peer ${peer}; ${others}`);
    }
    if (bytes.length > TOTAL_BYTES_MAX) {
      return new GradwireError('ERR_MESSAGE_SIZE', `${operation}: ${bytes.length} bytes, limit ${TOTAL_BYTES_MAX}`);
    }
    return null;
  }

  #accept(from: number, header: FrameHeader, payload: Uint8Array): void {
    if (header.generation < this.generation || this.#failure) return;
    const operation = header.op === 'point-to-point' ? undefined : this.#operations.get(header.sequence);
    if (operation && operation.fingerprint !== header.fingerprint) return this.#desync(operation, from, header);
    const mailbox = this.#mailboxes[from]!;
    mailbox.accept(header, payload);
    if (mailbox.earlyBytes > EARLY_BYTES_MAX && !this.#paused.has(from)) {
      this.#paused.add(from);
      this.#transport.pause(from);
    }
  }

  #resumeIfCaughtUp(from: number): void {
    if (!this.#paused.has(from) || this.#mailboxes[from]!.earlyBytes > EARLY_BYTES_MAX / 2) return;
    this.#paused.delete(from);
    this.#transport.resume(from);
  }

  #checkEarlyFrames(operation: Operation): void {
    for (const [from, mailbox] of this.#mailboxes.entries()) {
      for (const header of mailbox.earlyHeaders()) {
        if (header.op === 'point-to-point' || header.sequence !== operation.sequence) continue;
        if (header.fingerprint !== operation.fingerprint) return this.#desync(operation, from, header);
      }
    }
  }

  #desync(operation: Operation, from: number, header: FrameHeader): void {
    const advice = 'all ranks must call the same collectives, with equal sizes, in the same order';
    const sides = `rank ${this.rank} is in ${operation}, but rank ${from} sent ${describeFrame(header)}`;
    const error = new DesyncError(`${sides}; ${advice}`);
    void this.#membership?.abort(error.message);
    this.fail(error);
  }

  #lose(rank: number, cause: Error): void {
    if (this.#failure) return;
    if (this.#membership) this.#membership.suspect(rank, cause);
    else this.fail(new PeerLostError(rank, `lost rank ${rank}: ${cause.message}`, { cause }));
  }

  #depart(rank: number): void {
    const error = new PeerLostError(rank, `rank ${rank} has left the group, so nothing more comes from it`);
    this.#departed.set(rank, error);
    this.#waits.rejectWhere((wait) => wait.peer === rank, error);
  }
}
