import type { Failure } from './messages.ts';

/** How one child ended, and what it said about it before. */
export interface Ending {
  readonly rank: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly failure?: Failure;
}

/** Codes of errors that only tell of somebody else's end. */
const SECONDARY_CODES: ReadonlySet<string> = new Set([
  'ERR_PEER_LOST',
  'ERR_GROUP_TIMEOUT',
  'ERR_GROUP_CLOSED',
  'ERR_ABORTED',
  'ERR_STEP_ABORTED',
  'ERR_LINK',
]);

/**
 * Of all children that ended badly, in the order in which it was noticed, picks the one that began it: an error of a
 * child's own, or a death without a word, comes before the reports of those who merely lost a peer.
 */
export function firstCause(endings: readonly Ending[]): Ending | undefined {
  return endings.find((ending) => !isSecondary(ending)) ?? endings[0];
}

/** One sentence about a bad end: what the child reported, or by what it died. */
export function describeEnding({ rank, exitCode, signal, failure }: Ending): string {
  if (failure) return `rank ${rank}: ${failure.message}`;
  if (signal === 'SIGKILL') return `rank ${rank} was killed by SIGKILL; if nobody did that, look for lack of memory`;
  if (signal) return `rank ${rank} was killed by ${signal}`;
  return `rank ${rank} ended with exit code ${exitCode} and gave no reason`;
}

function isSecondary({ failure }: Ending): boolean {
  return failure !== undefined && SECONDARY_CODES.has(failure.code);
}
