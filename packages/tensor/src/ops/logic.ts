/** Logic: any number but 0 counts as true, also NaN. Results are bool and have no gradient. */
import { noted } from '../autograd/trace.ts';
import type { Tensor } from '../tensor.ts';
import { eq, gt, ne } from './compare.ts';
import { applyBinary } from './elementwise.ts';
import type { Dims } from './dims.ts';
import { sum } from './reduce.ts';

/** a and b, elementwise with broadcasting. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  const operands = [truth(a), truth(b)] as const;
  return noted(applyBinary('minimum', ...operands), 'logicalAnd', operands);
}

/** a or b, as `logicalAnd`. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  const operands = [truth(a), truth(b)] as const;
  return noted(applyBinary('maximum', ...operands), 'logicalOr', operands);
}

/** Either a or b, as `logicalAnd`. */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  return ne(truth(a), truth(b));
}

/** Not x, elementwise. */
export function logicalNot(x: Tensor): Tensor {
  return eq(x, 0);
}

/** Whether some element over dim is true; false for none. */
export function any(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  return gt(sum(truth(x), dim, keepdim), 0);
}

/** Whether all elements over dim are true; true for none. */
export function all(x: Tensor, dim?: Dims, keepdim = false): Tensor {
  return eq(sum(logicalNot(x), dim, keepdim), 0);
}

/** Whether elements are NaN. */
export function isnan(x: Tensor): Tensor {
  return ne(x, x);
}

/** Whether elements are neither NaN nor infinite. */
export function isfinite(x: Tensor): Tensor {
  return eq(x.detach().sub(x.detach()), 0); // ∞ − ∞ is NaN
}

function truth(x: Tensor): Tensor {
  return x.dtype === 'bool' ? x : ne(x, 0);
}
