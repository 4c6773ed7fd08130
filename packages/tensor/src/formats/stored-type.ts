/** Element types of files, of which ours are a part: each is read as the type of ours that holds its values. */
import { fromTypedArray } from '../create.ts';
import type { TypedArray } from '../dtype.ts';
import type { GradwireError } from '../errors.ts';
import type { Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** As safetensors names them. */
export type StoredType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** Bytes of one element. */
export const STORED_BYTES: Readonly<Record<StoredType, number>> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 },
};

export function isStoredType(name: unknown): name is StoredType {
  return typeof name === 'string' && Object.hasOwn(STORED_BYTES, name);
}

/** Makes an error of the file's format that ends in these words about the tensor. */
export type Refuse = (what: string) => GradwireError;

/**
 * A new tensor of little-endian elements in row-major order, whose number fits the shape. `bytes` begin at the start
 * of their buffer. Whole numbers of other widths become int32, halves become float32.
 */
export function fromStored(type: StoredType, shape: Shape, { buffer }: Uint8Array, refuse: Refuse): Tensor {
  switch (type) {
    case 'F64':
      return fromTypedArray(new Float64Array(buffer), shape);
    case 'F32':
      return fromTypedArray(new Float32Array(buffer), shape);
    case 'F16':
      return fromTypedArray(widened(new Uint16Array(buffer), halfToNumber), shape);
    case 'BF16':
      return fromTypedArray(widened(new Uint16Array(buffer), bfloatToNumber), shape);
    case 'I64':
      return fromTypedArray(narrowed(new BigInt64Array(buffer), refuse), shape);
    case 'I32':
      return fromTypedArray(new Int32Array(buffer), shape);
    case 'I16':
      return fromTypedArray(Int32Array.from(new Int16Array(buffer)), shape);
    case 'I8':
      return fromTypedArray(Int32Array.from(new Int8Array(buffer)), shape);
    case 'U8':
      return fromTypedArray(new Uint8Array(buffer), shape);
    case 'BOOL':
      return fromTypedArray(new Uint8Array(buffer), shape, { dtype: 'bool' });
  }
}

function narrowed(values: BigInt64Array, refuse: Refuse): Int32Array {
  return Int32Array.from(values, (value) => {
    if (value !== BigInt.asIntN(32, value)) throw refuse(`holds ${value}, which does not fit 32 bits`);
    return Number(value);
  });
}

function widened(bits: Uint16Array, toNumber: (bits: number) => number): TypedArray {
  return Float32Array.from(bits, toNumber);
}

function halfToNumber(bits: number): number {
  const [sign, exponent, fraction] = [bits >>> 15 ? -1 : 1, (bits >>> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const word = new DataView(new ArrayBuffer(4));
function bfloatToNumber(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
