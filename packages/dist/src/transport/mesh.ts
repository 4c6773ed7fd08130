import { GradwireError } from '@gradwire/tensor';
import type { MemberAddress } from '../wire/control-message.ts';
import { answerCaller, introduce, type Caller } from './handshake.ts';
import { openSocket, SocketServer, type Socket } from './socket.ts';

/**
 * The data links of one rank while they are made: every rank calls the ranks below it and is called by those above.
 * Strangers who reach the port are turned away by the handshake and hinder nobody.
 */
export class Mesh {
  readonly #rank: number;
  readonly #size: number;
  readonly #token: string;
  readonly #links = new Map<number, Socket>();
  readonly #complete: Promise<void>;
  #resolveComplete: () => void = () => {};
  #server: SocketServer | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(rank: number, size: number, token: string) {
    this.#rank = rank;
    this.#size = size;
    this.#token = token;
    this.#complete = new Promise((resolve) => (this.#resolveComplete = resolve));
  }

  /** Listens on a free port of `host`; resolves with where. */
  async listen(host: string): Promise<{ host: string; port: number }> {
    this.#server = await SocketServer.listen(host, 0, (socket) => {
      this.#accept(socket).catch(() => {}); // a refused stranger is no event of this run
    });
    return { host, port: this.#server.port };
  }

  /**
   * Calls the lower ranks, waits for the higher ones, and hands the links over.
   * Throws GradwireError: ERR_LINK naming a rank that cannot be reached, ERR_START_TIMEOUT naming those that did not call.
   */
  async connect(members: readonly MemberAddress[], timeoutMs: number): Promise<ReadonlyMap<number, Socket>> {
    const lower = members.filter((member) => member.rank < this.#rank);
    const deadline = new Promise<never>((_, reject) => {
      this.#timer = setTimeout(() => reject(this.#lateError(timeoutMs)), timeoutMs);
    });
    const calls = Promise.all(lower.map((member) => this.#call(member, timeoutMs)));
    this.#checkComplete();
    await Promise.race([Promise.all([calls, this.#complete]), deadline]);
    clearTimeout(this.#timer);
    return this.#links;
  }

  /** Stops listening. Until then the port answers, which shows that this process is up. */
  close(): void {
    this.#server?.close();
  }

  /** Gives up: closes whatever was made so far. */
  destroy(): void {
    clearTimeout(this.#timer);
    this.close();
    for (const socket of this.#links.values()) socket.destroy();
  }

  async #call({ rank, host, port }: MemberAddress, timeoutMs: number): Promise<void> {
    try {
      const socket = await openSocket(host, port, timeoutMs);
      await introduce(socket, this.#token, { purpose: 'data', rank: this.#rank, worldSize: this.#size });
      this.#links.set(rank, socket);
    } catch (cause) {
      const message =
        `rank ${this.#rank} could not open a data link to rank ${rank} at ${host}:${port}: ` +
        `${(cause as Error).message}; is a firewall between them?`;
      throw new GradwireError('ERR_LINK', message, { cause });
    }
    this.#checkComplete();
  }

  async #accept(socket: Socket): Promise<void> {
    const { rank } = await answerCaller(socket, this.#token, (caller) => this.#refusal(caller));
    this.#links.set(rank, socket);
    this.#checkComplete();
  }

  #refusal({ purpose, rank, worldSize }: Caller): string | null {
    if (purpose !== 'data') return 'this is a data port, not the coordinator';
    if (worldSize !== this.#size) return `it has WORLD_SIZE ${worldSize}, this run ${this.#size}`;
    if (rank <= this.#rank || rank >= this.#size) return `rank ${rank} does not call rank ${this.#rank}`;
    return this.#links.has(rank) ? `rank ${rank} is already linked` : null;
  }

  #lateError(timeoutMs: number): GradwireError {
    const ranks = Array.from({ length: this.#size }, (_, rank) => rank);
    const missing = ranks.filter((rank) => rank !== this.#rank && !this.#links.has(rank));
    const message = `rank ${this.#rank} got no data link from rank ${missing.join(', ')} within ${timeoutMs / 1000} s`;
    return new GradwireError('ERR_START_TIMEOUT', `${message}; is a firewall between them?`);
  }

  #checkComplete(): void {
    if (this.#links.size === this.#size - 1) this.#resolveComplete();
  }
}
