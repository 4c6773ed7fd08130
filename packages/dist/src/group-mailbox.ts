import { ProtocolError } from './errors.ts';
import type { FrameHeader, OperationName } from './wire/tensor-frame.ts';

/** A receive that was posted: where the message goes, and who is told. */
export interface PostedReceive {
  readonly key: string;
  readonly into: Uint8Array;
  /** Called when the last byte is in place. */
  complete(): void;
  /** The message that came under this key: throws nothing; false if it is not the one that was meant. */
  fits(header: FrameHeader): boolean;
}

interface EarlyMessage {
  readonly header: FrameHeader;
  readonly chunks: Uint8Array[];
  isComplete: boolean;
}

// The message whose segments are arriving now. Without `posted` and `early` it is thrown away.
interface Arriving {
  readonly header: FrameHeader;
  nextSegment: number;
  received: number;
  posted: PostedReceive | null;
  early: EarlyMessage | null;
}

/** Under which key a message and its receive meet. */
export function mailboxKey(op: OperationName, sequence: number, round: number): string {
  return op === 'point-to-point' ? `tag ${sequence}` : `${sequence} ${round}`;
}

/**
 * Brings together the messages of one peer and the receives posted for them, whichever comes first. Payloads go straight
 * into the posted buffer; a message that comes early is copied and kept until its receive is posted.
 */
export class Mailbox {
  readonly #posted = new Map<string, PostedReceive[]>();
  readonly #early = new Map<string, EarlyMessage[]>();
  #arriving: Arriving | null = null;
  #earlyBytes = 0;

  /** Bytes held for receives that are not posted yet. */
  get earlyBytes(): number {
    return this.#earlyBytes;
  }

  /** Headers of the messages that wait for their receive. */
  earlyHeaders(): FrameHeader[] {
    return [...this.#early.values()].flat().map((message) => message.header);
  }

  post(receive: PostedReceive): void {
    const message = shiftFrom(this.#early, receive.key);
    if (!message) return pushTo(this.#posted, receive.key, receive);
    for (const chunk of message.chunks) this.#earlyBytes -= costOf(chunk);
    if (!receive.fits(message.header)) {
      if (this.#arriving?.early === message) this.#arriving.early = null;
      return;
    }
    let offset = 0;
    for (const chunk of message.chunks) {
      receive.into.set(chunk, offset);
      offset += chunk.length;
    }
    if (message.isComplete) return receive.complete();
    this.#arriving!.early = null;
    this.#arriving!.posted = receive;
  }

  /** Forgets a receive: nothing is written into its buffer from now on. */
  cancel(receive: PostedReceive): void {
    const queue = this.#posted.get(receive.key);
    const index = queue?.indexOf(receive) ?? -1;
    if (index >= 0) queue!.splice(index, 1);
    if (queue?.length === 0) this.#posted.delete(receive.key);
    if (this.#arriving?.posted === receive) this.#arriving.posted = null;
  }

  /** Takes the next frame of the link. Throws ProtocolError if it does not continue what came before. */
  accept(header: FrameHeader, payload: Uint8Array): void {
    const arriving = header.segment === 0 ? this.#begin(header) : this.#continue(header);
    if (arriving.posted) {
      arriving.posted.into.set(payload, arriving.received);
    } else if (arriving.early) {
      arriving.early.chunks.push(payload.slice());
      this.#earlyBytes += costOf(payload);
    }
    arriving.received += payload.length;
    arriving.nextSegment++;
    if (arriving.received === header.total) this.#finish(arriving);
  }

  #begin(header: FrameHeader): Arriving {
    if (this.#arriving) throw interrupted(this.#arriving, header);
    const key = mailboxKey(header.op, header.sequence, header.round);
    const arriving: Arriving = { header, nextSegment: 0, received: 0, posted: null, early: null };
    const posted = shiftFrom(this.#posted, key);
    if (posted) {
      if (posted.fits(header)) arriving.posted = posted;
    } else {
      arriving.early = { header, chunks: [], isComplete: false };
      pushTo(this.#early, key, arriving.early);
    }
    this.#arriving = arriving;
    return arriving;
  }

  #continue(header: FrameHeader): Arriving {
    const arriving = this.#arriving;
    if (!arriving) throw new ProtocolError(`tensor frame: segment ${header.segment} of a message that never began`);
    const isNext =
      header.segment === arriving.nextSegment &&
      header.total === arriving.header.total &&
      header.sequence === arriving.header.sequence &&
      header.round === arriving.header.round &&
      header.op === arriving.header.op;
    if (!isNext) throw interrupted(arriving, header);
    return arriving;
  }

  #finish(arriving: Arriving): void {
    this.#arriving = null;
    if (arriving.early) arriving.early.isComplete = true;
    arriving.posted?.complete();
  }
}

// A fixed cost for each chunk bounds the number of empty messages too.
const costOf = (chunk: Uint8Array) => chunk.length + 256;

function pushTo<T>(queues: Map<string, T[]>, key: string, item: T): void {
  const queue = queues.get(key);
  if (queue) queue.push(item);
  else queues.set(key, [item]);
}

function shiftFrom<T>(queues: Map<string, T[]>, key: string): T | undefined {
  const queue = queues.get(key);
  const item = queue?.shift();
  if (queue?.length === 0) queues.delete(key);
  return item;
}

function interrupted(arriving: Arriving, header: FrameHeader): ProtocolError {
  const { op, sequence, total } = arriving.header;
  const where = `${op} #${sequence} (${arriving.received} of ${total} bytes)`;
  return new ProtocolError(`tensor frame: ${header.op} #${header.sequence} segment ${header.segment} inside ${where}`);
}
