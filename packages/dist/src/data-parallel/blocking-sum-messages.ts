/** What a BlockingSum and its thread share. */
import type { MessagePort } from 'node:worker_threads';
import type { GroupAddress } from '../rendezvous/environment.ts';

/** What the state word says of the sum that was asked for last. */
export const [ASKED, DONE, FAILED] = [1, 2, 3] as const;

/** What the thread starts with. */
export interface SumThreadStart {
  readonly address: GroupAddress;
  readonly timeoutMs: number;
  /** One word, in shared memory. */
  readonly state: Int32Array;
  /** In shared memory; the port says how many of them to sum, or null to end. */
  readonly numbers: Float64Array;
  readonly port: MessagePort;
}

/** Why the thread could not join or sum. */
export interface SumThreadFailure {
  readonly code: string;
  readonly message: string;
}
