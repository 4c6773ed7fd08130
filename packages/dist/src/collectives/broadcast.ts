import type { OperationLinks, ProcessGroup } from '../group.ts';
import { bytesOf, dtypeOf, type Elements } from './elements.ts';
import type { CollectiveOptions } from './options.ts';
import { inPieces } from './pieces.ts';

const PIECE_BYTES = 1024 * 1024;

/**
 * Gives every rank the root's `buffer`, in place.
 *
 * Along a *binomial tree*: counted from the root, rank v gets the data from v without its lowest set bit, its *parent*,
 * and hands it on to v + 2ᵏ for every power of two below that bit, the farthest *child* first. The buffer travels in
 * *pieces*, so a rank hands on the first while it gets the next. ⌈log₂ size⌉ message latencies.
 */
export async function broadcast(
  group: ProcessGroup,
  buffer: Elements | Uint8Array,
  { root = 0, ...options }: CollectiveOptions & { root?: number } = {},
): Promise<void> {
  const bytes = bytesOf(buffer);
  const description = { op: 'broadcast', dtype: dtypeOf(buffer), length: buffer.length, root, ...options } as const;
  await group.operate(description, (links) =>
    inPieces(bytes.length, PIECE_BYTES, ({ index, start, end }) =>
      handOn(group, links, root, index, bytes.subarray(start, end)),
    ),
  );
}

async function handOn(
  { rank, size }: ProcessGroup,
  links: OperationLinks,
  root: number,
  round: number,
  piece: Uint8Array,
): Promise<void> {
  const fromRoot = (rank - root + size) % size;
  const toRank = (distance: number) => (distance + root) % size;
  let bit = 1; // ends as the lowest set bit of fromRoot; for the root itself, above all ranks
  while (bit < size && (fromRoot & bit) === 0) bit *= 2;
  if (fromRoot !== 0) await links.receive(toRank(fromRoot - bit), round, piece);
  const sends: Promise<void>[] = [];
  for (let hop = bit / 2; hop >= 1; hop /= 2) {
    if (fromRoot + hop < size) sends.push(links.send(toRank(fromRoot + hop), round, piece));
  }
  await Promise.all(sends);
}
