import { addInto, type Elements } from './elements.ts';

const BLOCK_ELEMENTS = 4096; // all parts of a block stay in cache while they are added

/**
 * Sums equally long buffers in the fixed binary tree: the sum of a range is the sum of its left half plus the sum of
 * its right half, cut at the midpoint rounded down; of four, (0 + 1) + (2 + 3), of three, 0 + (1 + 2). The result is
 * in `parts[0]`; the others are used as scratch and end undefined. Equal inputs give equal bits whoever computes them.
 */
export function treeSum<T extends Elements>(parts: readonly T[]): T {
  const length = parts[0]!.length;
  for (let start = 0; start < length; start += BLOCK_ELEMENTS) {
    const end = Math.min(start + BLOCK_ELEMENTS, length);
    sumRange(
      parts.map((part) => part.subarray(start, end) as T),
      0,
      parts.length,
    );
  }
  return parts[0]!;
}

// Leaves the sum of parts[from] to parts[to − 1] in parts[from].
function sumRange<T extends Elements>(parts: readonly T[], from: number, to: number): void {
  if (to - from < 2) return;
  const middle = Math.floor((from + to) / 2);
  sumRange(parts, from, middle);
  sumRange(parts, middle, to);
  addInto(parts[from]!, parts[middle]!);
}
