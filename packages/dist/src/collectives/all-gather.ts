import type { ProcessGroup } from '../group.ts';
import { spreadChunks } from './direct-exchange.ts';
import { dtypeOf, type Elements } from './elements.ts';
import type { CollectiveOptions } from './options.ts';

/**
 * Gives every rank the chunks of all: on entry this rank's own chunk of `buffer` is filled, slice `rank` of
 * `partition(length, size, rank)`; afterwards the whole buffer is, equally on every rank.
 * One message latency; each rank sends and receives (size − 1)/size of the buffer.
 */
export async function allGather(group: ProcessGroup, buffer: Elements, options: CollectiveOptions = {}): Promise<void> {
  const description = { op: 'all-gather', dtype: dtypeOf(buffer), length: buffer.length, ...options } as const;
  await group.operate(description, (links) => spreadChunks(group, links, 0, buffer));
}
