import { bytesOf } from '../collectives/elements.ts';
import type { ProcessGroup } from '../group.ts';
import { exchangeOf, lengthOf, ROUND, rolesOf, type Roles, type Slices } from './roles.ts';
import { decodeInfo, encodeInfo, infoBytes, type StepInfo } from './step-info.ts';

/** A worker's side of a synchronous parameter server. All its parameters lie in one flat buffer, and so do gradients. */
export class ParameterServerWorker {
  readonly #group: ProcessGroup;
  readonly #roles: Roles;
  readonly #slices: Slices;
  readonly #length: number;
  #step = 0;

  /** Ranks 0 to `workers` − 1 of the group are workers, the others servers with these slices of the buffer. */
  constructor(group: ProcessGroup, { workers, slices }: { workers: number; slices: Slices }) {
    this.#group = group;
    this.#roles = rolesOf(group, workers);
    this.#slices = slices;
    this.#length = lengthOf(slices, this.#roles);
  }

  /**
   * Sends `gradient` to the servers, slice by slice, and fills `parameters` with what they make of the gradients of all
   * workers. Resolves with the workers' `info` joined. Both buffers are float32 and equally long on every worker;
   * if it rejects, `parameters` is undefined.
   */
  async pushPull(gradient: Float32Array, parameters: Float32Array, info: StepInfo): Promise<StepInfo> {
    const { servers } = this.#roles;
    const [sums, maxima] = [info.sums.length, info.maxima.length];
    const encoded = encodeInfo(info, sums, maxima);
    const joined = new Uint8Array(infoBytes(sums, maxima));
    await this.#group.operate(exchangeOf(this.#length, this.#step++), async ({ send, receive }) => {
      const transfers = servers.flatMap((server, s) => {
        const { start, end } = this.#slices[s]!;
        return [
          receive(server, ROUND.parameters, bytesOf(parameters.subarray(start, end))),
          send(server, ROUND.info, encoded),
          send(server, ROUND.gradient, bytesOf(gradient.subarray(start, end))),
        ];
      });
      await Promise.all([receive(servers[0]!, ROUND.joinedInfo, joined), ...transfers]);
    });
    return decodeInfo(joined, sums) as StepInfo;
  }

  /**
   * Tells the servers that this worker is done; they end once all are. `info` as in `pushPull`. Afterwards it
   * may go on with servers that serve anew.
   */
  async goodbye(info: { sums: number; maxima: number }): Promise<void> {
    const encoded = encodeInfo('goodbye', info.sums, info.maxima);
    await this.#group.operate(exchangeOf(this.#length, this.#step), async ({ send }) => {
      await Promise.all(this.#roles.servers.map((server) => send(server, ROUND.info, encoded)));
    });
    this.#step = 0;
  }
}
