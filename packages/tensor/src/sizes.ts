import { ShapeError } from './errors.ts';

/** One whole number for each spatial dimension ([depth, height, width]), or one for all. */
export type Sizes = number | readonly number[];

/** `sizes` as a list of `count`; throws ShapeError unless all are whole numbers from `least`. */
export function sizesOf(where: string, sizes: Sizes, count: number, least: number): readonly number[] {
  const all = typeof sizes === 'number' ? new Array<number>(count).fill(sizes) : sizes;
  if (all.length !== count || !all.every((n) => Number.isInteger(n) && n >= least)) {
    const several = count > 1 ? `, or ${COUNTS[count]}` : '';
    throw new ShapeError(`${where} must be a whole number from ${least}${several}, got ${JSON.stringify(sizes)}`);
  }
  return all;
}

const COUNTS = ['', 'one', 'two', 'three'];
