/** Elements `start` to `end` (not included) of a buffer. */
export interface Slice {
  start: number;
  end: number;
}

/**
 * Slice `index` of `length` elements cut in `parts` contiguous slices as equal as can be: the first `length mod parts`
 * slices are one element longer. Collectives cut buffers into chunks so, and parameter servers the parameters.
 */
export function partition(length: number, parts: number, index: number): Slice {
  const base = Math.floor(length / parts);
  const longer = length % parts;
  const start = index * base + Math.min(index, longer);
  return { start, end: start + base + (index < longer ? 1 : 0) };
}
