import { GradwireError } from '@gradwire/tensor';
import { partition, type Slice } from '../collectives/partition.ts';
import type { ProcessGroup } from '../group.ts';
import type { OperationDescription } from '../group-operation.ts';

/**
 * Who is who among the ranks of a group: the first `workers` compute gradients, the others are parameter servers.
 * Server s owns slice s of the flat parameter buffer, by `partition`.
 */
export interface Roles {
  readonly workers: readonly number[];
  readonly servers: readonly number[];
}

/** Throws GradwireError ERR_ROLES unless there is at least one of each. */
export function rolesOf({ size }: ProcessGroup, workers: number): Roles {
  if (!Number.isInteger(workers) || workers < 1 || workers >= size) {
    const message = `parameter server: a group of ${size} can have 1 to ${size - 1} workers, got ${workers}`;
    throw new GradwireError('ERR_ROLES', message);
  }
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  return { workers: ranks.slice(0, workers), servers: ranks.slice(workers) };
}

/** Elements of the flat buffer of `length` parameters that the server with this rank owns. */
export function ownedSlice({ workers, servers }: Roles, rank: number, length: number): Slice {
  return partition(length, servers.length, rank - workers.length);
}

/** Messages of one exchange between a worker and a server. */
export const ROUND = { info: 0, gradient: 1, joinedInfo: 2, parameters: 3 } as const;

export function exchangeOf(length: number, step: number): OperationDescription {
  return { op: 'parameter-server', dtype: 'float32', length, step };
}
