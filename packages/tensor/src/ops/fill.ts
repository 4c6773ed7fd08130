import { heapOf, shiftOf } from '../dtype.ts';
import { Tensor } from '../tensor.ts';

/** Sets every element of a contiguous tensor; returns it. */
export function fill(tensor: Tensor, value: number): Tensor {
  const start = tensor.address >>> shiftOf(tensor.dtype);
  heapOf(tensor.dtype).fill(value, start, start + tensor.size);
  return tensor;
}

/** 0 everywhere, with x's shape and type. */
export function zerosLike(x: Tensor): Tensor {
  return fill(Tensor.empty(x.shape, x.dtype), 0);
}

/** 1 everywhere, with x's shape and type. */
export function onesLike(x: Tensor): Tensor {
  return fill(Tensor.empty(x.shape, x.dtype), 1);
}

/** A scalar tensor of the given dtype. */
export function scalar(value: number, dtype: Tensor['dtype']): Tensor {
  return fill(Tensor.empty([], dtype), value);
}
