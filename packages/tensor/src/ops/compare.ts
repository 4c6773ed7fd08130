import type { Tensor } from '../tensor.ts';
import { applyComparison, cast, commonType, operand } from './elementwise.ts';
import type { KernelName } from '../kernels/dispatch.ts';

function compare(kernel: KernelName, a: Tensor, b: Tensor | number): Tensor {
  const y = operand(a, b);
  const dtype = commonType(a, y);
  return applyComparison(kernel, cast(a, dtype), cast(y, dtype));
}

/** a = b, elementwise with broadcasting, as bool. Comparisons have no gradient. */
export function eq(a: Tensor, b: Tensor | number): Tensor {
  return compare('eq', a, b);
}

/** a ≠ b, as `eq`. */
export function ne(a: Tensor, b: Tensor | number): Tensor {
  return compare('ne', a, b);
}

/** a < b, as `eq`. */
export function lt(a: Tensor, b: Tensor | number): Tensor {
  return compare('lt', a, b);
}

/** a ≤ b, as `eq`. */
export function le(a: Tensor, b: Tensor | number): Tensor {
  return compare('le', a, b);
}

/** a > b, as `eq`. */
export function gt(a: Tensor, b: Tensor | number): Tensor {
  return compare('gt', a, b);
}

/** a ≥ b, as `eq`. */
export function ge(a: Tensor, b: Tensor | number): Tensor {
  return compare('ge', a, b);
}
