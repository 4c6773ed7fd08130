import { record, type Node } from '../autograd.ts';
import { isFloat, type DType } from '../dtype.ts';
import { readsNothing } from '../autograd/versions.ts';
import type { Tensor } from '../tensor.ts';
import { cast } from './elementwise.ts';

/** The same numbers as another type; x itself if it has it. A gradient flows between float types. */
export function to(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const out = cast(x, dtype);
  return isFloat(dtype) ? record(out, toGradient, [x]) : out;
}

function toGradient(grad: Tensor, { inputs: [x] }: Node): Tensor[] {
  return [to(grad, x.dtype)];
}

readsNothing(toGradient);
