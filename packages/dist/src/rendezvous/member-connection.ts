import { GradwireError } from '@gradwire/tensor';
import { PeerLostError, ProtocolError } from '../errors.ts';
import type { Membership } from '../group.ts';
import { probe } from '../transport/probe.ts';
import type { Socket } from '../transport/socket.ts';
import type { MemberAddress } from '../wire/control-message.ts';
import { HEARTBEAT_MS } from './liveness.ts';
import { advance, newMember } from './member.ts';
import type { MemberAction, MemberEvent, MemberFailure, MemberState } from './member.ts';

/** What a member is told; `failed` at most once, and nothing after it. */
export interface MemberListener {
  formed(generation: number, members: readonly MemberAddress[]): void;
  waiting(missing: readonly number[]): void;
  failed(error: GradwireError): void;
}

/** A member's connection to the coordinator: the socket and the clock around the rules in `member.ts`. */
export class MemberConnection implements Membership {
  readonly #socket: Socket;
  readonly #coordinator: { host: string; port: number };
  readonly #listener: MemberListener;
  readonly #timer: NodeJS.Timeout;
  #state: MemberState;

  /** `socket` is authenticated; the connection owns it from now on. */
  constructor(socket: Socket, coordinator: { host: string; port: number }, rank: number, listener: MemberListener) {
    this.#socket = socket;
    this.#coordinator = coordinator;
    this.#listener = listener;
    this.#state = newMember(rank, performance.now());
    this.#timer = setInterval(() => this.#apply({ type: 'tick', nowMs: performance.now() }), HEARTBEAT_MS);
    socket.listen({
      control: (message) => this.#apply({ type: 'message', message, nowMs: performance.now() }),
      frame: () => {
        throw new ProtocolError('control connection: a tensor frame');
      },
      closed: () => this.#apply({ type: 'disconnected', nowMs: performance.now() }),
    });
  }

  /** Asks for a seat, and tells where this rank listens for data links. */
  register(address: { host: string; port: number }): void {
    this.#socket.sendControl({ type: 'register', ...address });
  }

  suspect(rank: number, cause: Error): void {
    this.#apply({ type: 'linkLost', rank, reason: cause.message, nowMs: performance.now() });
  }

  leave(): Promise<void> {
    this.#apply({ type: 'leave' });
    return this.#end();
  }

  abort(reason: string): Promise<void> {
    this.#apply({ type: 'abort', reason });
    return this.#end();
  }

  #end(): Promise<void> {
    clearInterval(this.#timer);
    return this.#socket.close();
  }

  #apply(event: MemberEvent): void {
    const { state, actions } = advance(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: MemberAction): void {
    switch (action.type) {
      case 'send':
        return this.#socket.sendControl(action.message);
      case 'probe':
        void probe(this.#coordinator.host, this.#coordinator.port).then((isUp) =>
          this.#apply({ type: 'probed', isUp, nowMs: performance.now() }),
        );
        return;
      case 'waiting':
        return this.#listener.waiting(action.missing);
      case 'formed':
        return this.#listener.formed(action.generation, action.members);
      case 'fail':
        void this.#end();
        return this.#listener.failed(errorOf(action.failure, this.#state.rank));
    }
  }
}

function errorOf(failure: MemberFailure, ownRank: number): GradwireError {
  switch (failure.kind) {
    case 'peerLost': {
      const { rank, reason } = failure;
      const who = rank === ownRank ? `the group gave up on this process (rank ${rank})` : `lost rank ${rank}`;
      return new PeerLostError(rank, `${who}: ${reason}`);
    }
    case 'startTimeout':
      return startTimeoutError(failure.missing, failure.waitedMs);
    case 'refused':
      return new GradwireError('ERR_REFUSED', `the coordinator refused rank ${ownRank}: ${failure.reason}`);
  }
}

function startTimeoutError(missing: readonly number[], waitedMs: number): GradwireError {
  const ranks = `rank${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`;
  const message =
    `the group did not come together: ${ranks} did not join within ${(waitedMs / 1000).toFixed(1)} s; ` +
    'check that they were started, with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE';
  return new GradwireError('ERR_START_TIMEOUT', message);
}
