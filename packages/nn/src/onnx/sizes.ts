/** Sizes of which some follow from named axes of the inputs, found by running the model with several sizes of each. */

/** A fixed size, a sum of products of named axes, such as 3·batch·time + 1, or null: some other function of them. */
export type Size = number | readonly Term[] | null;

export interface Term {
  readonly factor: number;
  readonly axes: readonly string[];
}

/** The sizes of the named axes in one run. */
export type AxisSizes = Readonly<Record<string, number>>;

/**
 * The size that has these values in these runs: first the base, then one run for each axis in which that axis alone is
 * larger, then at least one more that the result must explain.
 */
export function sizeFrom(values: readonly number[], runs: readonly AxisSizes[]): Size {
  const [value] = values;
  if (values.every((other) => other === value)) return value;
  const axes = Object.keys(runs[0]);
  const slopes = axes.map((axis, i) => (values[i + 1] - value) / (runs[i + 1][axis] - runs[0][axis]));
  const moving = axes.filter((_, i) => slopes[i] !== 0);
  const product: Term[] = [{ factor: value / sizeOf({ factor: 1, axes: moving }, runs[0]), axes: moving }];
  const sums: Term[] = axes.flatMap((axis, i) => (slopes[i] === 0 ? [] : [{ factor: slopes[i], axes: [axis] }]));
  const rest = value - sums.reduce((sum, term) => sum + sizeOf(term, runs[0]), 0);
  const linear = rest === 0 ? sums : [...sums, { factor: rest, axes: [] }];
  return [product, linear].find((terms) => explains(terms, values, runs)) ?? null;
}

function explains(terms: readonly Term[], values: readonly number[], runs: readonly AxisSizes[]): boolean {
  return (
    terms.every(({ factor }) => Number.isInteger(factor)) &&
    values.every((value, run) => value === terms.reduce((sum, term) => sum + sizeOf(term, runs[run]), 0))
  );
}

function sizeOf({ factor, axes }: Term, sizes: AxisSizes): number {
  return axes.reduce((product, axis) => product * sizes[axis], factor);
}

/** "3·batch + 1". */
export function showSize(size: Exclude<Size, null>): string {
  if (typeof size === 'number') return String(size);
  return size
    .map(({ factor, axes }) => (factor === 1 && axes.length > 0 ? axes : [factor, ...axes]).join('*'))
    .join(' + ');
}
