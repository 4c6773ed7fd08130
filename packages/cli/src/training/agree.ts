import { allGather, broadcast, type ProcessGroup } from '@gradwire/dist';
import { GradwireError } from '@gradwire/tensor';
import type { PlainState } from '../checkpoint/manifest.ts';

/** Gives every process rank 0's number. */
export async function agreeOn(group: ProcessGroup, value: number): Promise<number> {
  const number = Float64Array.of(value);
  await broadcast(group, number);
  return number[0]!;
}

/** Gives every process rank 0's plain values. */
export async function agreeOnValues(group: ProcessGroup, values: PlainState): Promise<PlainState> {
  const own = Buffer.from(JSON.stringify(values));
  const bytes = new Uint8Array(await agreeOn(group, own.length));
  if (group.rank === 0) bytes.set(own);
  await broadcast(group, bytes);
  return JSON.parse(Buffer.from(bytes).toString()) as PlainState;
}

/** Throws ERR_DATA_DIFFERS unless all ranks from 0 to `ranks` − 1 have training sets of the same length. */
export async function checkLengths(group: ProcessGroup, ranks: number, length: number): Promise<void> {
  const lengths = new Float64Array(group.size);
  lengths[group.rank] = length;
  await allGather(group, lengths);
  const other = lengths.subarray(0, ranks).findIndex((found) => found !== lengths[0]);
  if (other < 0) return;
  throw new GradwireError(
    'ERR_DATA_DIFFERS',
    `data: rank 0 has ${lengths[0]} training examples, but rank ${other} has ${lengths[other]}; give all processes the same data`,
  );
}
