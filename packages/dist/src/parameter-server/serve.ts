import { bytesOf } from '../collectives/elements.ts';
import { treeSum } from '../collectives/tree-sum.ts';
import { DesyncError } from '../errors.ts';
import type { OperationLinks, ProcessGroup } from '../group.ts';
import { exchangeOf, lengthOf, ROUND, rolesOf, type Roles, type Slices } from './roles.ts';
import { decodeInfo, encodeInfo, infoBytes, joinInfos, type StepInfo } from './step-info.ts';

export interface ServeOptions {
  /** Ranks 0 to `workers` − 1 are workers. */
  workers: number;
  /** The slice of the flat parameter buffer of each server. */
  slices: Slices;
  /** How many numbers of each kind a worker's info has. */
  info: { sums: number; maxima: number };
  /** The slice of the parameters that this server owns; sent to the workers after each step. */
  parameters: Float32Array;
  /**
   * Makes one step on `parameters`, given the sum of the workers' gradients for this slice (which it may overwrite) and
   * their joined info. The sum is that of the fixed tree over workers, so it does not depend on timing. What takes all
   * parameters, as a norm, the servers can `gather`, all of them as often.
   */
  apply(gradientSum: Float32Array, info: StepInfo, gather: Gather): void | Promise<void>;
}

/** Fills `values`, of which each server has written its own of the slices, with those of the other servers. */
export type Gather = (values: Float64Array, slices: Slices) => Promise<void>;

/**
 * A server's side of a synchronous parameter server: in each step takes the gradient slices of all workers, applies their
 * sum, and sends the parameters back. Resolves with the number of steps once all workers have said goodbye.
 * Between steps it waits for as long as the workers take; the death of one ends the wait.
 */
export async function serve(group: ProcessGroup, options: ServeOptions): Promise<number> {
  const roles = rolesOf(group, options.workers);
  const length = lengthOf(options.slices, roles);
  const gradients = roles.workers.map(() => new Float32Array(options.parameters.length));
  checkSlice(group, options);
  for (let step = 0; ; step++) {
    const isOver = await group.operate(exchangeOf(length, step), (links) =>
      serveStep(group, links, roles, gradients, options),
    );
    if (isOver) return step;
  }
}

/** Serves one step; true if there is none because all workers said goodbye. */
async function serveStep(
  group: ProcessGroup,
  links: OperationLinks,
  { workers, servers }: Roles,
  gradients: readonly Float32Array[],
  { info: counts, parameters, apply }: ServeOptions,
): Promise<boolean> {
  const { send, receive } = links;
  const encoded = workers.map(() => new Uint8Array(infoBytes(counts.sums, counts.maxima)));
  const began = workers.map((worker, i) => receive(worker, ROUND.info, encoded[i]!, Number.POSITIVE_INFINITY));
  const slices = workers.map(async (worker, i) => {
    await began[i];
    const info = decodeInfo(encoded[i]!, counts.sums);
    if (info !== 'goodbye') await receive(worker, ROUND.gradient, bytesOf(gradients[i]!));
    return info;
  });
  const infos = await Promise.all(slices);
  const steps = infos.filter((info) => info !== 'goodbye');
  if (steps.length === 0) return true;
  if (steps.length < infos.length) throw unevenEnd(workers, infos);
  const joined = joinInfos(steps);
  await apply(treeSum(gradients), joined, gatherOf(group, links, servers));
  const isFirst = group.rank === workers.length;
  const answer = encodeInfo(joined, counts.sums, counts.maxima);
  const answers = workers.flatMap((worker) => [
    send(worker, ROUND.parameters, bytesOf(parameters)),
    ...(isFirst ? [send(worker, ROUND.joinedInfo, answer)] : []),
  ]);
  await Promise.all(answers);
  return false;
}

/** Every server sends its part to every other one. */
function gatherOf({ rank }: ProcessGroup, { send, receive }: OperationLinks, servers: readonly number[]): Gather {
  return async (values, slices) => {
    const part = (server: number): Uint8Array => {
      const { start, end } = slices[server - servers[0]!]!;
      return bytesOf(values.subarray(start, end));
    };
    const transfers = servers
      .filter((server) => server !== rank)
      .flatMap((server) => [receive(server, ROUND.gathered, part(server)), send(server, ROUND.gathered, part(rank))]);
    await Promise.all(transfers);
  };
}

function checkSlice(group: ProcessGroup, { workers, slices, parameters }: ServeOptions): void {
  const { start, end } = slices[group.rank - workers]!;
  if (end - start === parameters.length) return;
  const owned = `rank ${group.rank} owns elements ${start} to ${end} of ${slices[slices.length - 1]!.end}`;
  throw new DesyncError(`serve: ${owned}, but parameters has ${parameters.length} elements, not ${end - start}`);
}

function unevenEnd(workers: readonly number[], infos: readonly (StepInfo | 'goodbye')[]): DesyncError {
  const done = workers.filter((_, i) => infos[i] === 'goodbye').join(', ');
  const going = workers.filter((_, i) => infos[i] !== 'goodbye').join(', ');
  const advice = 'all workers must make the same number of steps';
  return new DesyncError(`serve: worker ${done} said goodbye while worker ${going} sent a gradient; ${advice}`);
}
