/** How often both sides of a control connection give a sign of life, in milliseconds. */
export const HEARTBEAT_MS = 250;
/** After this long without one, a peer is probed, and declared dead if its port does not answer. */
export const SILENT_MS = 2000;
/** After this long without one, it is given up even if its port answers: stopped, or its main thread blocked. */
export const STALLED_MS = 10_000;
const PROBE_EVERY_MS = 1000;
const OWN_STALL_MS = 1000;

/** When a peer was last heard of, and from when on it may be probed. Pure data: the clock is an argument. */
export interface Liveness {
  readonly heardMs: number;
  readonly probeDueMs: number;
}

export function heardAt(nowMs: number): Liveness {
  return { heardMs: nowMs, probeDueMs: nowMs + SILENT_MS };
}

export function probedAt(liveness: Liveness, nowMs: number): Liveness {
  return { ...liveness, probeDueMs: nowMs + PROBE_EVERY_MS };
}

/** What to think of a peer now. */
export function judge(liveness: Liveness, nowMs: number): 'alive' | 'probe' | 'stalled' {
  if (nowMs - liveness.heardMs >= STALLED_MS) return 'stalled';
  return nowMs >= liveness.probeDueMs ? 'probe' : 'alive';
}

/** Whether this process itself stood still since its last tick, so that it cannot know who was silent meanwhile. */
export function stoodStill(lastTickMs: number, nowMs: number): boolean {
  return nowMs - lastTickMs > OWN_STALL_MS;
}

export const STALLED_REASON = `no sign of life for ${STALLED_MS / 1000} s: it is stopped, or its main thread is blocked`;
export const UNREACHABLE_REASON = `no sign of life for ${SILENT_MS / 1000} s, and its port does not answer`;
