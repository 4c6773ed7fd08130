import type { ProcessGroup } from '../group.ts';
import { chunkOf, contributionsLike, reduceChunks } from './direct-exchange.ts';
import { dtypeOf, type Elements } from './elements.ts';
import type { CollectiveOptions } from './options.ts';

/**
 * Sums `buffer` over all ranks, each rank getting one chunk of the sum: slice `rank` of `partition(length, size, rank)`.
 * Returns that chunk, a view on `buffer`; the rest of `buffer` is as before. The sum is that of the fixed tree (`treeSum`).
 * One message latency; each rank sends and receives (size − 1)/size of the buffer.
 */
export async function reduceScatter<T extends Elements>(
  group: ProcessGroup,
  buffer: T,
  options: CollectiveOptions = {},
): Promise<T> {
  const description = { op: 'reduce-scatter', dtype: dtypeOf(buffer), length: buffer.length, ...options } as const;
  await group.operate(description, (links) => reduceChunks(group, links, 0, buffer, contributionsLike(buffer, group)));
  return chunkOf(buffer, group, group.rank);
}
