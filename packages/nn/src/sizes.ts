import { ShapeError, type Sizes } from '@gradwire/tensor';

/** `given` as a list of `count` sizes; throws ShapeError unless all are whole numbers from `least`. */
export function sizes(where: string, given: Sizes, count: number, least: number): readonly number[] {
  const all = typeof given === 'number' ? new Array<number>(count).fill(given) : given;
  if (all.length === count && all.every((n) => Number.isInteger(n) && n >= least)) return all;
  const several = count > 1 ? `, or ${COUNTS[count]}` : '';
  throw new ShapeError(`${where} must be a whole number from ${least}${several}, got ${JSON.stringify(given)}`);
}

const COUNTS = ['', 'one', 'two', 'three'];
