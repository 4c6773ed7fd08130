import { GroupTimeoutError } from './errors.ts';
import type { Operation } from './group-operation.ts';

/** One thing that a rank waits for: a message from a peer, or a peer taking one. */
export interface Wait {
  readonly operation: Operation;
  readonly peer: number;
  readonly kind: 'receive' | 'send';
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

/** All that a group waits for at the moment. Every wait has a deadline, and its error says who is missing. */
export class WaitList {
  readonly #rank: number;
  readonly #waits = new Set<Wait>();

  constructor(rank: number) {
    this.#rank = rank;
  }

  /** `timeoutMs` may be Infinity where another rule ends the wait. */
  add(operation: Operation, peer: number, kind: Wait['kind'], timeoutMs: number): Wait {
    let settle = { resolve: () => {}, reject: (_: Error) => {} };
    const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => this.#expire(operation, kind, timeoutMs), timeoutMs)
      : undefined;
    const end = () => {
      clearTimeout(timer);
      this.#waits.delete(wait);
    };
    const wait: Wait = {
      operation,
      peer,
      kind,
      promise,
      resolve: () => (end(), settle.resolve()),
      reject: (error) => (end(), settle.reject(error)),
    };
    promise.catch(() => {}); // the operation that waits may have failed by another wait already
    this.#waits.add(wait);
    return wait;
  }

  rejectWhere(isMeant: (wait: Wait) => boolean, error: Error): void {
    for (const wait of [...this.#waits]) if (isMeant(wait)) wait.reject(error);
  }

  #expire(operation: Operation, kind: Wait['kind'], timeoutMs: number): void {
    const isMeant = (wait: Wait) => wait.operation === operation && wait.kind === kind;
    const missing = [...new Set([...this.#waits].filter(isMeant).map((wait) => wait.peer))].sort((a, b) => a - b);
    const who = `rank${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`;
    const what = kind === 'receive' ? `nothing came from ${who}` : `${who} took no data`;
    const message =
      `${operation}: on rank ${this.#rank} ${what} for ${timeoutMs / 1000} s; ` +
      'see what that process is doing, or give a longer timeoutMs';
    this.rejectWhere((wait) => wait.operation === operation, new GroupTimeoutError(missing, message));
  }
}
