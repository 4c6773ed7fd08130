/** What a child says to the process that started it. */
export type ChildMessage =
  { readonly type: 'event'; readonly event: unknown } | { readonly type: 'failure'; readonly failure: Failure };

/** An error as it crosses from a child to its parent. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
}

/** What a parent says to a child: finish the step at hand, save, and leave. */
export interface ParentMessage {
  readonly type: 'stop';
}

/** Tells what a message from a child is; undefined for anything malformed. */
export function childMessage(value: unknown): ChildMessage | undefined {
  if (!isRecord(value)) return undefined;
  if (value.type === 'event' && isRecord(value.event)) return { type: 'event', event: value.event };
  if (value.type !== 'failure' || !isRecord(value.failure)) return undefined;
  const { code, message, stack } = value.failure;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { type: 'failure', failure: { code, message, ...(typeof stack === 'string' && { stack }) } };
}

/** Tells whether a message from the parent asks this process to stop. */
export function isStop(value: unknown): boolean {
  return isRecord(value) && value.type === 'stop';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
