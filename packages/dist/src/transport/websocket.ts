import type { Socket } from './socket.ts';
import type { Transport, TransportListener } from './transport.ts';
import { ProtocolError } from '../errors.ts';

/** A transport over one authenticated WebSocket to each other rank. */
export class WebSocketTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #links: ReadonlyMap<number, Socket>;

  /** `links` holds a socket for every rank but this one; the transport owns them from now on. */
  constructor(rank: number, size: number, links: ReadonlyMap<number, Socket>) {
    this.rank = rank;
    this.size = size;
    this.#links = links;
  }

  listen(listener: TransportListener): void {
    for (const [from, socket] of this.#links) {
      socket.listen({
        frame: (header, payload) => listener.frame(from, header, payload),
        control: (message) => {
          throw new ProtocolError(`data link: a "${message.type}" message among tensor frames`);
        },
        closed: (cause) => (cause ? listener.lost(from, cause) : listener.left(from)),
      });
    }
  }

  send(to: number, header: Uint8Array, payload: Uint8Array, sent?: () => void): void {
    this.#links.get(to)!.sendFrame(header, payload, sent);
  }

  pause(from: number): void {
    this.#links.get(from)!.pause();
  }

  resume(from: number): void {
    this.#links.get(from)!.resume();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((socket) => socket.close()));
  }

  destroy(): void {
    for (const socket of this.#links.values()) socket.destroy();
  }
}
