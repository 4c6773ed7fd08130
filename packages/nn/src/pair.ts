import { ShapeError, type Pair } from '@gradwire/tensor';

/** [height, width], or one number for both. */
export type Size2d = number | Pair;

/** A size as [height, width]; throws ShapeError unless both are whole numbers from `least`. */
export function pair(where: string, size: Size2d, least: number): Pair {
  const both: Pair = typeof size === 'number' ? [size, size] : size;
  if (both.length !== 2 || !both.every((n) => Number.isInteger(n) && n >= least)) {
    throw new ShapeError(`${where} must be a whole number from ${least}, or two, got ${JSON.stringify(size)}`);
  }
  return both;
}
