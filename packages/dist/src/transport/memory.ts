import { ProtocolError } from '../errors.ts';
import { decodeFrameHeader } from '../wire/tensor-frame.ts';
import type { Transport, TransportListener } from './transport.ts';

interface Frame {
  header: Uint8Array;
  payload: Uint8Array;
}

/** Runs a delivery later. Each link stays in order whatever order the calls run in, so tests may shuffle them. */
export type Schedule = (deliver: () => void) => void;

/** Transports of `size` ranks inside one thread, with the same contract as sockets. Frames are copied as they are sent. */
export class MemoryNetwork {
  readonly transports: readonly MemoryTransport[];

  constructor(size: number, schedule: Schedule = (deliver) => void setImmediate(deliver)) {
    this.transports = Array.from({ length: size }, (_, rank) => new MemoryTransport(rank, size, this, schedule));
  }
}

export class MemoryTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #network: MemoryNetwork;
  readonly #schedule: Schedule;
  readonly #inbound: InboundLink[];
  #listener: TransportListener | null = null;

  constructor(rank: number, size: number, network: MemoryNetwork, schedule: Schedule) {
    this.rank = rank;
    this.size = size;
    this.#network = network;
    this.#schedule = schedule;
    this.#inbound = Array.from({ length: size }, () => ({ queue: [], paused: false, broken: false }));
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    this.#inbound.forEach((_, from) => this.#scheduleAll(from));
  }

  send(to: number, header: Uint8Array, payload: Uint8Array, sent?: () => void): void {
    const peer = this.#network.transports[to]!;
    if (peer.#inbound[this.rank]!.broken) return;
    const frame = { header: header.slice(), payload: payload.slice() };
    peer.#arrive(this.rank, () => peer.#deliver(this.rank, frame));
    if (sent) this.#schedule(sent);
  }

  pause(from: number): void {
    this.#inbound[from]!.paused = true;
  }

  resume(from: number): void {
    this.#inbound[from]!.paused = false;
    this.#scheduleAll(from);
  }

  close(): Promise<void> {
    this.#leave((peer) => peer.#listener?.left(this.rank));
    return Promise.resolve();
  }

  destroy(): void {
    this.#leave((peer) => peer.#lose(this.rank, new Error('link destroyed')));
  }

  #leave(tell: (peer: MemoryTransport) => void): void {
    for (const peer of this.#network.transports) {
      if (peer === this || peer.#inbound[this.rank]!.broken) continue;
      peer.#arrive(this.rank, () => tell(peer));
      this.#inbound[peer.rank]!.broken = true;
    }
  }

  #arrive(from: number, event: () => void): void {
    this.#inbound[from]!.queue.push(event);
    if (this.#listener) this.#schedule(() => this.#deliverNext(from));
  }

  #scheduleAll(from: number): void {
    this.#inbound[from]!.queue.forEach(() => this.#schedule(() => this.#deliverNext(from)));
  }

  #deliverNext(from: number): void {
    const link = this.#inbound[from]!;
    if (!link.paused && !link.broken) link.queue.shift()?.();
  }

  #deliver(from: number, { header, payload }: Frame): void {
    try {
      this.#listener!.frame(from, decodeFrameHeader(header, payload.length), payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#lose(from, error);
      const peer = this.#network.transports[from]!;
      peer.#arrive(this.rank, () => peer.#lose(this.rank, error));
    }
  }

  #lose(rank: number, cause: Error): void {
    this.#inbound[rank]!.broken = true;
    this.#listener?.lost(rank, cause);
  }
}

interface InboundLink {
  queue: (() => void)[];
  paused: boolean;
  broken: boolean;
}
