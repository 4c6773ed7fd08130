import type { OperationLinks, ProcessGroup } from '../group.ts';
import { bytesOf, scratchLike, type Elements } from './elements.ts';
import { partition } from './partition.ts';
import { treeSum } from './tree-sum.ts';

// Direct exchange. A buffer is cut into one *chunk* a rank; rank r is the *owner* of chunk r. Every rank talks to every
// owner straight, so each half takes one message latency whatever the number of ranks.

/** Elements of a piece that one rank owns at most (of 4 bytes: 1 MiB), and of a whole piece, which bounds scratch memory. */
const OWNED_ELEMENTS_MAX = 256 * 1024;
const PIECE_ELEMENTS_MAX = 2 * 1024 * 1024;

export function pieceLengthOf({ size }: ProcessGroup): number {
  return Math.min(OWNED_ELEMENTS_MAX * size, PIECE_ELEMENTS_MAX);
}

/** This rank's chunk of `buffer`, and that of any other. */
export function chunkOf<T extends Elements>(buffer: T, { size }: ProcessGroup, rank: number): T {
  const { start, end } = partition(buffer.length, size, rank);
  return buffer.subarray(start, end) as T;
}

/** Buffers for the contributions of the other ranks to this rank's chunk. */
export function contributionsLike<T extends Elements>(buffer: T, group: ProcessGroup): T[] {
  const length = chunkOf(buffer, group, group.rank).length;
  return Array.from({ length: group.size }, (_, rank) => scratchLike(buffer, rank === group.rank ? 0 : length));
}

/**
 * First half: every rank sends each chunk to its owner, and the owner adds the contributions of all ranks in the fixed
 * tree over ranks, once all are there. Afterwards this rank's own chunk holds the sum, the others are as before.
 */
export async function reduceChunks<T extends Elements>(
  group: ProcessGroup,
  links: OperationLinks,
  round: number,
  buffer: T,
  contributions: readonly T[],
): Promise<void> {
  const own = chunkOf(buffer, group, group.rank);
  const parts = contributions.map((part, rank) => (rank === group.rank ? own : (part.subarray(0, own.length) as T)));
  const transfers = otherRanks(group).flatMap((rank) => {
    const chunk = chunkOf(buffer, group, rank);
    return [
      ...(own.length > 0 ? [links.receive(rank, round, bytesOf(parts[rank]!))] : []),
      ...(chunk.length > 0 ? [links.send(rank, round, bytesOf(chunk))] : []),
    ];
  });
  await Promise.all(transfers);
  const sum = treeSum(parts);
  if (sum !== own) own.set(sum);
}

/** Second half: every owner sends its chunk to all; afterwards the buffer is the same everywhere. */
export async function spreadChunks(
  group: ProcessGroup,
  links: OperationLinks,
  round: number,
  buffer: Elements,
): Promise<void> {
  const own = chunkOf(buffer, group, group.rank);
  const transfers = otherRanks(group).flatMap((rank) => {
    const chunk = chunkOf(buffer, group, rank);
    return [
      ...(chunk.length > 0 ? [links.receive(rank, round, bytesOf(chunk))] : []),
      ...(own.length > 0 ? [links.send(rank, round, bytesOf(own))] : []),
    ];
  });
  await Promise.all(transfers);
}

// Beginning behind oneself, so that not all ranks send to rank 0 first.
function otherRanks({ rank, size }: ProcessGroup): number[] {
  return Array.from({ length: size - 1 }, (_, distance) => (rank + 1 + distance) % size);
}
