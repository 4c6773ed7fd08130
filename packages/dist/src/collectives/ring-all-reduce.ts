import type { ProcessGroup } from '../group.ts';
import { addInto, bytesOf, dtypeOf, scratchLike, type Elements } from './elements.ts';
import type { CollectiveOptions } from './options.ts';
import { partition } from './partition.ts';
import { inPieces } from './pieces.ts';

const CHUNK_ELEMENTS_MAX = 128 * 1024; // of 4 bytes: 512 KiB

/**
 * Sums `buffer` over all ranks, in place; every rank ends with the same bits (Patarasuk & Yuan 2009).
 *
 * The ranks form a ring; each sends only to the next one. The buffer is cut into *pieces*, a few of which are under way at
 * once, and each piece into one *chunk* a rank. Reduce-scatter: in each of size − 1 steps a rank passes on one chunk
 * and adds the one it gets to its own, so that a chunk gathers the contributions of all on its way. All-gather: the
 * complete chunks travel once around. 2·(size − 1) message latencies; each rank sends 2·(size − 1)/size of the buffer.
 * The order of the sum depends on where a chunk began, so the bits depend on the length; `treeAllReduce` has no such
 * dependence. If it rejects, `buffer` is undefined: restore it before a retry.
 */
export async function ringAllReduce(
  group: ProcessGroup,
  buffer: Elements,
  options: CollectiveOptions = {},
): Promise<void> {
  const { rank, size } = group;
  if (size === 1) return;
  const [next, previous] = [(rank + 1) % size, (rank + size - 1) % size];
  const description = { op: 'ring-all-reduce', dtype: dtypeOf(buffer), length: buffer.length, ...options } as const;
  await group.operate(description, (links) => {
    const pass = async (round: number, outgoing: Elements, incoming: Elements) => {
      const received = links.receive(previous, round, bytesOf(incoming));
      await Promise.all([received, links.send(next, round, bytesOf(outgoing))]);
    };
    const scratch: Elements[] = [];
    return inPieces(buffer.length, CHUNK_ELEMENTS_MAX * size, async ({ index, start, end, lane }) => {
      const piece = buffer.subarray(start, end);
      const chunk = (number: number): Elements => {
        const slice = partition(piece.length, size, (number + 2 * size) % size);
        return piece.subarray(slice.start, slice.end);
      };
      const incoming = (scratch[lane] ??= scratchLike(piece, chunk(0).length));
      let round = index * 2 * (size - 1);
      for (let step = 0; step < size - 1; step++) {
        const mine = chunk(rank - step - 1);
        const theirs = incoming.subarray(0, mine.length);
        await pass(round++, chunk(rank - step), theirs);
        addInto(mine, theirs);
      }
      for (let step = 0; step < size - 1; step++) {
        await pass(round++, chunk(rank - step + 1), chunk(rank - step));
      }
    });
  });
}
