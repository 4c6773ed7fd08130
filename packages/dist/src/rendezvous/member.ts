import type { ControlMessage, MemberAddress } from '../wire/control-message.ts';
import { heardAt, judge, probedAt, STALLED_REASON, stoodStill, UNREACHABLE_REASON, type Liveness } from './liveness.ts';

// The rules of a member, opposite the coordinator: pure, without sockets or clocks.
//
// It *joins* until the coordinator sends the list of members, then is *watched* by it. Once rank 0 has left in peace
// there is no coordinator any more: the member goes on *unwatched*, and a broken link counts as its peer's death. After
// a failure or its own leaving it is *over*.

/** After a link broke, the coordinator has this long to say which rank was the cause. */
const VERDICT_MS = 1500;

export interface MemberState {
  readonly phase: 'joining' | 'watched' | 'unwatched' | 'over';
  readonly rank: number;
  readonly lastTickMs: number;
  /** Of the coordinator. */
  readonly liveness: Liveness;
  readonly suspicion: { readonly rank: number; readonly reason: string; readonly untilMs: number } | null;
}

export type MemberEvent =
  | { type: 'message'; message: ControlMessage; nowMs: number }
  | { type: 'disconnected'; nowMs: number }
  | { type: 'linkLost'; rank: number; reason: string; nowMs: number }
  | { type: 'probed'; isUp: boolean; nowMs: number }
  | { type: 'tick'; nowMs: number }
  | { type: 'leave' }
  | { type: 'abort'; reason: string };

/** Why this member's group is over. */
export type MemberFailure =
  | { kind: 'peerLost'; rank: number; reason: string }
  | { kind: 'startTimeout'; missing: readonly number[]; waitedMs: number }
  | { kind: 'refused'; reason: string };

export type MemberAction =
  | { type: 'send'; message: ControlMessage }
  | { type: 'probe' }
  | { type: 'waiting'; missing: readonly number[] }
  | { type: 'formed'; generation: number; members: readonly MemberAddress[] }
  | { type: 'fail'; failure: MemberFailure };

export interface MemberTransition {
  readonly state: MemberState;
  readonly actions: readonly MemberAction[];
}

export function newMember(rank: number, nowMs: number): MemberState {
  return { phase: 'joining', rank, lastTickMs: nowMs, liveness: heardAt(nowMs), suspicion: null };
}

export function advance(state: MemberState, event: MemberEvent): MemberTransition {
  if (state.phase === 'over') return { state, actions: [] };
  switch (event.type) {
    case 'message':
      return onMessage({ ...state, liveness: heardAt(event.nowMs) }, event.message);
    case 'disconnected':
      if (state.phase === 'unwatched') return { state, actions: [] };
      return losePeer(state, 0, 'its connection broke: the process died, or its host cannot be reached');
    case 'linkLost':
      return onLinkLost(state, event.rank, event.reason, event.nowMs);
    case 'probed':
      if (state.phase === 'unwatched' || event.isUp) return { state, actions: [] };
      return losePeer(state, 0, UNREACHABLE_REASON);
    case 'tick':
      return onTick(state, event.nowMs);
    case 'leave':
      return { state: { ...state, phase: 'over' }, actions: [toCoordinator({ type: 'goodbye' })] };
    case 'abort':
      return {
        state: { ...state, phase: 'over' },
        actions: [toCoordinator({ type: 'abort', rank: state.rank, reason: event.reason })],
      };
  }
}

function onMessage(state: MemberState, message: ControlMessage): MemberTransition {
  switch (message.type) {
    case 'waiting':
      return { state, actions: [{ type: 'waiting', missing: message.missing }] };
    case 'members':
      if (state.phase !== 'joining') return { state, actions: [] };
      return {
        state: { ...state, phase: 'watched' },
        actions: [{ type: 'formed', generation: message.generation, members: message.members }],
      };
    case 'left':
      return { state: message.rank === 0 ? { ...state, phase: 'unwatched' } : state, actions: [] };
    case 'abort':
      return losePeer(state, message.rank, message.reason);
    case 'startTimeout':
      return fail(state, { kind: 'startTimeout', missing: message.missing, waitedMs: message.waitedMs });
    case 'refuse':
      return fail(state, { kind: 'refused', reason: message.reason });
    default:
      return { state, actions: [] };
  }
}

function onLinkLost(state: MemberState, rank: number, reason: string, nowMs: number): MemberTransition {
  if (state.phase === 'unwatched') return losePeer(state, rank, reason);
  if (state.suspicion) return { state, actions: [] };
  const suspicion = { rank, reason, untilMs: nowMs + VERDICT_MS };
  return { state: { ...state, suspicion }, actions: [toCoordinator({ type: 'suspect', rank, reason })] };
}

function onTick(before: MemberState, nowMs: number): MemberTransition {
  const state = { ...before, lastTickMs: nowMs };
  if (state.suspicion && nowMs >= state.suspicion.untilMs) {
    return losePeer(state, state.suspicion.rank, state.suspicion.reason);
  }
  if (state.phase === 'unwatched') return { state, actions: [] };
  const liveness = stoodStill(before.lastTickMs, nowMs) ? heardAt(nowMs) : state.liveness;
  const verdict = judge(liveness, nowMs);
  if (verdict === 'stalled') return losePeer(state, 0, STALLED_REASON);
  const beat = toCoordinator({ type: 'heartbeat' });
  if (verdict === 'alive') return { state: { ...state, liveness }, actions: [beat] };
  return { state: { ...state, liveness: probedAt(liveness, nowMs) }, actions: [beat, { type: 'probe' }] };
}

function losePeer(state: MemberState, rank: number, reason: string): MemberTransition {
  return fail(state, { kind: 'peerLost', rank, reason });
}

function fail(state: MemberState, failure: MemberFailure): MemberTransition {
  return { state: { ...state, phase: 'over' }, actions: [{ type: 'fail', failure }] };
}

function toCoordinator(message: ControlMessage): MemberAction {
  return { type: 'send', message };
}
