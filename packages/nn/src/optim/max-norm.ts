import { noGrad, step, tensor, where, type FlatParameters, type FlatSlice, type Tensor } from '@gradwire/tensor';
import { checkNumber } from './check-options.ts';
import { FlatNorms } from './flat-norms.ts';

/** As PyTorch's renorm has it: rounding leaves the row below the limit. */
const MARGIN = 1e-7;

/**
 * Scales every row of the parameters whose Euclidean norm is larger than maxNorm down to it (Srivastava et al. 2014,
 * section 5.1). A row is what leads into one unit: parameter[i] along the first dimension, all others together. Parameters
 * of fewer than two dimensions, as biases, are left. Call it after optimizer.step().
 */
export function maxNorm_(parameters: Iterable<Tensor>, maxNorm: number): void {
  checkNumber('maxNorm', maxNorm, 0);
  step(() =>
    noGrad(() => {
      for (const parameter of parameters) {
        if (rowLength(parameter) > 0) parameter.copy_(limited(parameter, maxNorm));
      }
    }),
  );
}

function limited(parameter: Tensor, maxNorm: number): Tensor {
  const rows = parameter.reshape([parameter.shape[0]!, -1]);
  const norms = rows.norm(1, true);
  const scale = where(norms.gt(maxNorm), tensor(maxNorm, { dtype: parameter.dtype }).div(norms.add(MARGIN)), 1);
  return rows.mul(scale).reshape(parameter.shape);
}

/** Norms of the rows that `maxNorm_` limits. */
export function rowNorms(flat: FlatParameters): FlatNorms {
  return new FlatNorms(flat, rowLength);
}

/** Limits rows in flat memory whose norms are measured, as far as they lie in the slice: the same bits in all slices. */
export function limitRows(
  { data }: FlatParameters,
  norms: FlatNorms,
  maxNorm: number,
  { start, end }: FlatSlice,
): void {
  const weights = data.view();
  for (let row = 0; row < norms.rowCount; row++) {
    const [first, last] = norms.elements(row);
    if (last <= start || first >= end) continue;
    const norm = norms.norm(row);
    if (!(norm > maxNorm)) continue;
    const scale = maxNorm / (norm + MARGIN);
    for (let i = Math.max(first, start); i < Math.min(last, end); i++) weights[i]! *= scale;
  }
}

function rowLength({ shape, size }: Tensor): number {
  return shape.length >= 2 && size > 0 ? size / shape[0]! : 0;
}
