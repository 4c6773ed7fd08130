import { markChanged, type Tensor } from '@gradwire/tensor';

/** Scales the rows of `table` [n, width] at `index` down, in place, to a p-norm of at most maxNorm. Others are ignored. */
export function renormRows(table: Tensor, index: Tensor, maxNorm: number, p: number): void {
  const values = table.view();
  const [rows, width] = table.shape;
  for (const row of new Set(index.data())) {
    if (row < 0 || row >= rows) continue; // the look-up that follows reports it
    const vector = values.subarray(row * width, (row + 1) * width);
    const norm = pNorm(vector, p);
    if (norm > maxNorm) vector.forEach((value, i) => (vector[i] = value * (maxNorm / (norm + 1e-7))));
  }
  markChanged(table);
}

function pNorm(vector: ArrayLike<number>, p: number): number {
  const sizes = Array.from(vector, Math.abs);
  if (p === Infinity) return Math.max(...sizes);
  return sizes.reduce((sum, size) => sum + size ** p, 0) ** (1 / p);
}
