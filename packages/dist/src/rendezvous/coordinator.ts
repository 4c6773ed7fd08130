import type { ControlMessage, MemberAddress } from '../wire/control-message.ts';
import { heardAt, judge, probedAt, STALLED_REASON, stoodStill, UNREACHABLE_REASON, type Liveness } from './liveness.ts';

// The rules of the coordinator: pure, without sockets or clocks. Same state and event, same new state and actions.
//
// It *gathers* until every rank has a *seat* (an authenticated connection and the address of its data port), then
// sends all the list of members and *runs*: it watches for signs of life. The first failure is the cause that everybody
// is told; after it, or once rank 0 (which houses the coordinator) has left in peace, it is *over*.

/** After a rank reports a broken link, its peer has this long to show by its own end that it was the cause. */
const SUSPICION_MS = 1000;

interface Seat {
  readonly rank: number;
  readonly host: string;
  readonly port: number;
  readonly liveness: Liveness;
}

export interface CoordinatorState {
  readonly phase: 'gathering' | 'running' | 'over';
  readonly worldSize: number;
  readonly startTimeoutMs: number;
  readonly startedMs: number;
  readonly lastTickMs: number;
  readonly generation: number;
  /** By number of connection. */
  readonly seats: ReadonlyMap<number, Seat>;
  readonly suspicion: { readonly rank: number; readonly reason: string; readonly untilMs: number } | null;
}

export type CoordinatorEvent =
  | { type: 'message'; connection: number; rank: number; message: ControlMessage; nowMs: number }
  | { type: 'disconnected'; connection: number; nowMs: number }
  | { type: 'probed'; rank: number; isUp: boolean; nowMs: number }
  | { type: 'tick'; nowMs: number };

export type CoordinatorAction =
  | { type: 'send'; connection: number; message: ControlMessage }
  | { type: 'probe'; rank: number; host: string; port: number };

export interface CoordinatorTransition {
  readonly state: CoordinatorState;
  readonly actions: readonly CoordinatorAction[];
}

export function newCoordinator(worldSize: number, startTimeoutMs: number, nowMs: number): CoordinatorState {
  return {
    phase: 'gathering',
    worldSize,
    startTimeoutMs,
    startedMs: nowMs,
    lastTickMs: nowMs,
    generation: 0,
    seats: new Map(),
    suspicion: null,
  };
}

/** Why an authenticated caller cannot have a seat; null if it can. */
export function refusalOf(
  { phase, worldSize, seats }: CoordinatorState,
  caller: { rank: number; worldSize: number },
): string | null {
  if (caller.worldSize !== worldSize) return `it has WORLD_SIZE ${caller.worldSize}, but rank 0 has ${worldSize}`;
  if (caller.rank >= worldSize) return `RANK ${caller.rank} is not below WORLD_SIZE ${worldSize}`;
  if (phase !== 'gathering') return 'the group is already complete';
  const isTaken = [...seats.values()].some(({ rank }) => rank === caller.rank);
  return isTaken ? `another process has RANK ${caller.rank} already` : null;
}

export function coordinate(state: CoordinatorState, event: CoordinatorEvent): CoordinatorTransition {
  if (state.phase === 'over') return { state, actions: [] };
  switch (event.type) {
    case 'message':
      return onMessage(state, event);
    case 'disconnected':
      return onDisconnected(state, event.connection);
    case 'probed':
      return onProbed(state, event);
    case 'tick':
      return onTick(state, event.nowMs);
  }
}

type MessageEvent = Extract<CoordinatorEvent, { type: 'message' }>;

function onMessage(state: CoordinatorState, event: MessageEvent): CoordinatorTransition {
  const { connection, rank, message, nowMs } = event;
  if (message.type === 'register') return seat(state, event, message);
  const sender = state.seats.get(connection);
  if (!sender) return { state, actions: [] };
  const heard = withSeat(state, connection, { ...sender, liveness: heardAt(nowMs) });
  switch (message.type) {
    case 'goodbye':
      return dismiss(heard, connection, sender.rank);
    case 'abort':
      return abort(heard, rank, message.reason);
    case 'suspect':
      return suspect(heard, message.rank, `rank ${rank} lost its link to it: ${message.reason}`, nowMs);
    default:
      return { state: heard, actions: [] };
  }
}

function seat(
  state: CoordinatorState,
  { connection, rank, nowMs }: MessageEvent,
  { host, port }: { host: string; port: number },
): CoordinatorTransition {
  const reason = refusalOf(state, { rank, worldSize: state.worldSize });
  if (reason !== null) return { state, actions: [{ type: 'send', connection, message: { type: 'refuse', reason } }] };
  const seated = withSeat(state, connection, { rank, host, port, liveness: heardAt(nowMs) });
  const missing = missingRanks(seated);
  if (missing.length > 0) return { state: seated, actions: toAll(seated, { type: 'waiting', missing }) };
  const generation = state.generation + 1;
  const message = { type: 'members', generation, members: addressesOf(seated) } as const;
  return { state: { ...seated, phase: 'running', generation }, actions: toAll(seated, message) };
}

function dismiss(state: CoordinatorState, connection: number, rank: number): CoordinatorTransition {
  const suspicion = state.suspicion?.rank === rank ? null : state.suspicion; // it left, so its links had to go
  const rest = { ...withoutSeat(state, connection), suspicion };
  const actions = state.phase === 'running' ? toAll(rest, { type: 'left', rank }) : [];
  const isOver = rank === 0 || (state.phase === 'running' && rest.seats.size === 0);
  return { state: isOver ? { ...rest, phase: 'over' } : rest, actions };
}

function onDisconnected(state: CoordinatorState, connection: number): CoordinatorTransition {
  const lost = state.seats.get(connection);
  if (!lost) return { state, actions: [] };
  const rest = withoutSeat(state, connection);
  if (state.phase === 'running')
    return abort(rest, lost.rank, 'its connection broke: the process died, or its host cannot be reached');
  return { state: rest, actions: toAll(rest, { type: 'waiting', missing: missingRanks(rest) }) };
}

function suspect(state: CoordinatorState, rank: number, reason: string, nowMs: number): CoordinatorTransition {
  const isMember = [...state.seats.values()].some((seated) => seated.rank === rank);
  if (state.suspicion || !isMember) return { state, actions: [] };
  return { state: { ...state, suspicion: { rank, reason, untilMs: nowMs + SUSPICION_MS } }, actions: [] };
}

function onProbed(
  state: CoordinatorState,
  { rank, isUp }: Extract<CoordinatorEvent, { type: 'probed' }>,
): CoordinatorTransition {
  const isMember = [...state.seats.values()].some((seated) => seated.rank === rank);
  return isUp || !isMember ? { state, actions: [] } : abort(state, rank, UNREACHABLE_REASON);
}

function onTick(state: CoordinatorState, nowMs: number): CoordinatorTransition {
  if (state.phase === 'gathering') return checkStart({ ...state, lastTickMs: nowMs }, nowMs);
  if (state.suspicion && nowMs >= state.suspicion.untilMs) {
    return abort(state, state.suspicion.rank, state.suspicion.reason);
  }
  return watch({ ...state, lastTickMs: nowMs }, stoodStill(state.lastTickMs, nowMs), nowMs);
}

function checkStart(state: CoordinatorState, nowMs: number): CoordinatorTransition {
  const waitedMs = Math.round(nowMs - state.startedMs);
  if (waitedMs < state.startTimeoutMs) return { state, actions: toAll(state, { type: 'heartbeat' }) };
  const message = { type: 'startTimeout', missing: missingRanks(state), waitedMs } as const;
  return { state: { ...state, phase: 'over' }, actions: toAll(state, message) };
}

function watch(state: CoordinatorState, hasStoodStill: boolean, nowMs: number): CoordinatorTransition {
  const actions: CoordinatorAction[] = [...toAll(state, { type: 'heartbeat' })];
  const seats = new Map(state.seats);
  for (const [connection, member] of state.seats) {
    const liveness = hasStoodStill ? heardAt(nowMs) : member.liveness;
    const verdict = judge(liveness, nowMs);
    if (verdict === 'stalled') return abort(state, member.rank, STALLED_REASON);
    if (verdict === 'probe') actions.push({ type: 'probe', rank: member.rank, host: member.host, port: member.port });
    seats.set(connection, { ...member, liveness: verdict === 'probe' ? probedAt(liveness, nowMs) : liveness });
  }
  return { state: { ...state, seats }, actions };
}

function abort(state: CoordinatorState, rank: number, reason: string): CoordinatorTransition {
  return { state: { ...state, phase: 'over' }, actions: toAll(state, { type: 'abort', rank, reason }) };
}

function missingRanks({ worldSize, seats }: CoordinatorState): number[] {
  const present = new Set([...seats.values()].map(({ rank }) => rank));
  return Array.from({ length: worldSize }, (_, rank) => rank).filter((rank) => !present.has(rank));
}

function addressesOf({ seats }: CoordinatorState): MemberAddress[] {
  return [...seats.values()].map(({ rank, host, port }) => ({ rank, host, port })).sort((a, b) => a.rank - b.rank);
}

function withSeat(state: CoordinatorState, connection: number, member: Seat): CoordinatorState {
  return { ...state, seats: new Map(state.seats).set(connection, member) };
}

function withoutSeat(state: CoordinatorState, connection: number): CoordinatorState {
  const seats = new Map(state.seats);
  seats.delete(connection);
  return { ...state, seats };
}

function toAll({ seats }: CoordinatorState, message: ControlMessage): CoordinatorAction[] {
  return [...seats.keys()].map((connection) => ({ type: 'send', connection, message }));
}
