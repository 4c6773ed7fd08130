import type { FlatParameters } from './flat-parameters.ts';

/**
 * Elements of a block. Each parameter in flat memory begins a block, and every so many elements of it another one. What is
 * summed over parameters is summed over blocks first, so slices that end where blocks do give the same bits, however many.
 */
export const FLAT_BLOCK = 1024;

/** Elements `start` to `end` (not included) of flat memory. */
export interface FlatSlice {
  readonly start: number;
  readonly end: number;
}

/** Cuts flat memory into `count` slices of whole blocks, as equal as these allow; small ones may be empty. */
export function flatSlices({ offsets }: Pick<FlatParameters, 'offsets'>, count: number): FlatSlice[] {
  const size = offsets[offsets.length - 1];
  const borders = Array.from({ length: count + 1 }, (_, i) => blockStart(offsets, Math.floor((size * i) / count)));
  return Array.from({ length: count }, (_, i) => ({ start: borders[i], end: borders[i + 1] }));
}

/** Where the block of an element begins; the end of memory for itself. */
function blockStart(offsets: readonly number[], element: number): number {
  const next = offsets.findIndex((offset) => offset > element);
  if (next < 0) return element;
  const start = offsets[next - 1];
  return start + Math.floor((element - start) / FLAT_BLOCK) * FLAT_BLOCK;
}
