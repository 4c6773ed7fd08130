import type { Socket } from './socket.ts';
import type { Transport, TransportListener } from './transport.ts';
import { ProtocolError } from '../errors.ts';

/** A transport over one authenticated WebSocket to each other rank. */
export class WebSocketTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly #links: ReadonlyMap<number, Socket>;
  readonly #ended: () => void;

  /** `links` holds a socket for every rank but this one; the transport owns them from now on. `ended` is called when it closes. */
  constructor(rank: number, size: number, links: ReadonlyMap<number, Socket>, ended: () => void) {
    this.rank = rank;
    this.size = size;
    this.#links = links;
    this.#ended = ended;
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
    this.#ended();
    await Promise.all([...this.#links.values()].map((socket) => socket.close()));
  }

  destroy(): void {
    this.#ended();
    for (const socket of this.#links.values()) socket.destroy();
  }
}
