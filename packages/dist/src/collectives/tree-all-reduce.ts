import type { ProcessGroup } from '../group.ts';
import { contributionsLike, pieceLengthOf, reduceChunks, spreadChunks } from './direct-exchange.ts';
import { dtypeOf, type Elements } from './elements.ts';
import type { CollectiveOptions } from './options.ts';
import { inPieces } from './pieces.ts';

/**
 * Sums `buffer` over all ranks, in place, in the fixed binary tree over ranks (`treeSum`): every rank ends with the bits
 * that one process would get by that tree, whatever the timing, the length, or how the buffer is cut.
 *
 * The buffer is cut into *pieces*, a few of which are under way at once. Each piece is cut into one *chunk* a rank: the
 * owner of a chunk gets the contributions of all ranks, adds them in tree order, and sends the sum to all. Two message
 * latencies; each rank sends and receives 2·(size − 1)/size of the buffer, as in a ring.
 * If it rejects, `buffer` is undefined: restore it before a retry.
 */
export async function treeAllReduce(
  group: ProcessGroup,
  buffer: Elements,
  options: CollectiveOptions = {},
): Promise<void> {
  if (group.size === 1) return;
  const description = { op: 'tree-all-reduce', dtype: dtypeOf(buffer), length: buffer.length, ...options } as const;
  await group.operate(description, (links) => {
    const scratch: Elements[][] = [];
    return inPieces(buffer.length, pieceLengthOf(group), async ({ index, start, end, lane }) => {
      const piece = buffer.subarray(start, end);
      scratch[lane] ??= contributionsLike(piece, group);
      await reduceChunks(group, links, 2 * index, piece, scratch[lane]);
      await spreadChunks(group, links, 2 * index + 1, piece);
    });
  });
}
