import { ShapeError } from '@gradwire/tensor';

/** The row of a table that paddingIdx names; it may count from the end. Throws ShapeError if there is none. */
export function tableRow(where: string, paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  const row = paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  if (!Number.isInteger(row) || row < 0 || row >= rows) {
    throw new ShapeError(`${where}: paddingIdx ${paddingIdx} is no row of a table of ${rows}`);
  }
  return row;
}
