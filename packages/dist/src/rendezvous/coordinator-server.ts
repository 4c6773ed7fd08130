import { answerCaller } from '../transport/handshake.ts';
import { probe } from '../transport/probe.ts';
import { SocketServer, type Socket } from '../transport/socket.ts';
import { ProtocolError } from '../errors.ts';
import { coordinate, newCoordinator, refusalOf } from './coordinator.ts';
import type { CoordinatorAction, CoordinatorEvent, CoordinatorState } from './coordinator.ts';
import { HEARTBEAT_MS } from './liveness.ts';

/** The coordinator of a run: the sockets and the clock around the rules in `coordinator.ts`. Rank 0 houses it. */
export class CoordinatorServer {
  readonly #server: SocketServer;
  readonly #token: string;
  readonly #sockets = new Map<number, Socket>();
  readonly #timer: NodeJS.Timeout;
  #state: CoordinatorState;
  #nextConnection = 0;

  private constructor(server: SocketServer, token: string, state: CoordinatorState) {
    this.#server = server;
    this.#token = token;
    this.#state = state;
    this.#timer = setInterval(() => this.#apply({ type: 'tick', nowMs: performance.now() }), HEARTBEAT_MS);
  }

  /** Listens on a port; without a host on every interface. Throws GradwireError ERR_PORT_IN_USE if another program does. */
  static async start(
    host: string | undefined,
    port: number,
    { worldSize, token, startTimeoutMs }: { worldSize: number; token: string; startTimeoutMs: number },
  ): Promise<CoordinatorServer> {
    const callers: Socket[] = [];
    let accept = (socket: Socket) => void callers.push(socket);
    const server = await SocketServer.listen(host, port, (socket) => accept(socket));
    const coordinator = new CoordinatorServer(
      server,
      token,
      newCoordinator(worldSize, startTimeoutMs, performance.now()),
    );
    accept = (socket) => void coordinator.#accept(socket).catch(() => {}); // a refused stranger is no event of this run
    callers.forEach(accept);
    return coordinator;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Stops listening and says goodbye on every connection. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.close();
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
  }

  async #accept(socket: Socket): Promise<void> {
    const { rank } = await answerCaller(socket, this.#token, (caller) => {
      if (caller.purpose !== 'control') return 'this is the coordinator, not a data port';
      return refusalOf(this.#state, caller);
    });
    const connection = this.#nextConnection++;
    this.#sockets.set(connection, socket);
    socket.listen({
      control: (message) => this.#apply({ type: 'message', connection, rank, message, nowMs: performance.now() }),
      frame: () => {
        throw new ProtocolError('control connection: a tensor frame');
      },
      closed: () => {
        this.#sockets.delete(connection);
        this.#apply({ type: 'disconnected', connection, nowMs: performance.now() });
      },
    });
  }

  #apply(event: CoordinatorEvent): void {
    const { state, actions } = coordinate(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: CoordinatorAction): void {
    if (action.type === 'send') return this.#sockets.get(action.connection)?.sendControl(action.message);
    void probe(action.host, action.port).then((isUp) =>
      this.#apply({ type: 'probed', rank: action.rank, isUp, nowMs: performance.now() }),
    );
  }
}
