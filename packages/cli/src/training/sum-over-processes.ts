import { treeSum, type ProcessGroup } from '@gradwire/dist';

/** Tells these messages from others between the same ranks. */
const TAG = 0x53554d;

/**
 * Sums numbers over ranks 0 … `processes` − 1 of a group, in place, in the fixed tree over ranks. All of these call it,
 * and no other; so it is no collective, which would have its place among those of all ranks, such as the buckets of
 * gradients that are on their way meanwhile. Made for short vectors: every rank gets all of them, in one latency.
 */
export async function sumOverProcesses(group: ProcessGroup, processes: number, numbers: Float64Array): Promise<void> {
  const parts = Array.from({ length: processes }, (_, rank) =>
    rank === group.rank ? numbers : new Float64Array(numbers.length),
  );
  const transfers = parts.flatMap((part, rank) =>
    rank === group.rank ? [] : [group.send(rank, TAG, bytesOf(numbers)), group.receive(rank, TAG, bytesOf(part))],
  );
  await Promise.all(transfers);
  numbers.set(treeSum(parts));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
