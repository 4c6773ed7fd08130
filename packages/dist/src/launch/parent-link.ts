import type { ChildMessage, Failure } from './messages.ts';
import { isStop } from './messages.ts';

/** A child's line to the process that started it. */
export interface ParentLink {
  /** Aborted when the parent asks for a stop at the next step boundary. */
  readonly stop: AbortSignal;
  /** Sends one event; must be plain data. */
  send(event: object): void;
  /** Reports why this process is about to end; resolves once the report has left it. */
  fail(failure: Failure): Promise<void>;
}

/**
 * Ties this process to the parent that launched it: it ends at once when the parent is gone, however that died, and
 * leaves the terminal's Ctrl-C to the parent, who asks for an orderly stop. Call it first thing in a launched process.
 */
export function followParent(): ParentLink {
  const stop = new AbortController();
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message) => {
    if (isStop(message)) stop.abort();
  });
  // The parent may have died before the listener above was there.
  if (!process.connected) process.exit(1);
  return {
    stop: stop.signal,
    send: (event) => void post({ type: 'event', event }),
    fail: (failure) => post({ type: 'failure', failure }),
  };
}

function post(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    // An error here means that the parent is gone, which `disconnect` deals with.
    if (!process.send) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
