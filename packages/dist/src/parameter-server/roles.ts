import { GradwireError } from '@gradwire/tensor';
import { partition, type Slice } from '../collectives/partition.ts';
import type { ProcessGroup } from '../group.ts';
import type { OperationDescription } from '../group-operation.ts';

/** Who is who among the ranks of a group: the first `workers` compute gradients, the others are parameter servers. */
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

/** Which elements of the flat parameter buffer each server owns, without gaps; all processes have the same. */
export type Slices = readonly Readonly<Slice>[];

/** Slices of `length` elements for so many servers, by `partition`. */
export function equalSlices(length: number, servers: number): Slices {
  return Array.from({ length: servers }, (_, server) => partition(length, servers, server));
}

/** Elements of the whole buffer. Throws GradwireError ERR_ROLES unless each server has a slice. */
export function lengthOf(slices: Slices, { servers }: Roles): number {
  if (slices.length === servers.length) return slices[slices.length - 1]!.end;
  throw new GradwireError('ERR_ROLES', `parameter server: ${servers.length} servers have ${slices.length} slices`);
}

/** Messages of one exchange between a worker and a server, and between servers (gathered). */
export const ROUND = { info: 0, gradient: 1, joinedInfo: 2, parameters: 3, gathered: 4 } as const;

export function exchangeOf(length: number, step: number): OperationDescription {
  return { op: 'parameter-server', dtype: 'float32', length, step };
}
