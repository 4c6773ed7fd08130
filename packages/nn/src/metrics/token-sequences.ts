import { ShapeError, type Tensor } from '@gradwire/tensor';

/** Where a sequence in a row of tokens is. */
export interface SequenceEnds {
  /** A sequence ends before the first such token; by default at the end of its row. */
  readonly end?: number;
  /** Such tokens are left out. */
  readonly padding?: number;
}

/** The sequence in each row of tokens, int32 [N, T]. Throws ShapeError in the name of `metric`. */
export function tokenSequences(metric: string, tokens: Tensor, { end, padding }: SequenceEnds): number[][] {
  if (tokens.rank !== 2) throw new ShapeError(`${metric}: tokens must be [N, T], got [${tokens.shape.join(', ')}]`);
  const [N, T] = tokens.shape as [number, number];
  const flat = Array.from(tokens.data());
  return Array.from({ length: N }, (_, i) => {
    const row = flat.slice(i * T, (i + 1) * T);
    const stop = end === undefined ? -1 : row.indexOf(end);
    return (stop < 0 ? row : row.slice(0, stop)).filter((token) => token !== padding);
  });
}
