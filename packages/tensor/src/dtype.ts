import { views } from './heap/memory.ts';

/** Element types. Labels and indices are int32 (files may hold int64); comparisons give bool, stored as one byte. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool';

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool'];

/** log2 of the bytes of one element. */
export function shiftOf(dtype: DType): number {
  if (dtype === 'float32' || dtype === 'int32') return 2;
  return dtype === 'float64' ? 3 : 0;
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** The whole heap as elements of `dtype`: the element at a byte address has index address >>> shiftOf(dtype). */
export function heapOf(dtype: DType): TypedArray {
  if (dtype === 'float32') return views.f32;
  if (dtype === 'int32') return views.i32;
  return dtype === 'float64' ? views.f64 : views.u8;
}

/** A new, zeroed typed array of JavaScript's own, outside the heap. */
export function newTypedArray(dtype: DType, size: number): TypedArray {
  if (dtype === 'float32') return new Float32Array(size);
  if (dtype === 'int32') return new Int32Array(size);
  return dtype === 'float64' ? new Float64Array(size) : new Uint8Array(size);
}

/** Type of an operation's result on two tensors: float64 over float32 over int32 over uint8 over bool. */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  for (const dtype of ['float64', 'float32', 'int32', 'uint8'] as const) {
    if (a === dtype || b === dtype) return dtype;
  }
  return 'bool';
}
