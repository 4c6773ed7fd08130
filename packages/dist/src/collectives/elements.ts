import type { FrameDType } from '../wire/tensor-frame.ts';

/** Buffers that can be summed. They may lie on a SharedArrayBuffer; collectives work on them in place. */
export type Elements = Float32Array | Float64Array | Int32Array;

export function dtypeOf(buffer: Elements | Uint8Array): FrameDType {
  if (buffer instanceof Float32Array) return 'float32';
  if (buffer instanceof Float64Array) return 'float64';
  return buffer instanceof Int32Array ? 'int32' : 'uint8';
}

/** The same memory as bytes. */
export function bytesOf(buffer: Elements | Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** A new buffer of the same type whose contents are undefined until written. */
export function scratchLike<T extends Elements>(buffer: T, length: number): T {
  const memory = Buffer.allocUnsafeSlow(length * buffer.BYTES_PER_ELEMENT);
  const Type = buffer.constructor as new (memory: ArrayBuffer, offset: number, length: number) => T;
  return new Type(memory.buffer, memory.byteOffset, length);
}

/** destination += source, element by element. One loop a type, so that each stays compiled for its type alone. */
export function addInto<T extends Elements>(destination: T, source: T): void {
  if (destination instanceof Float32Array) addFloat32(destination, source as Float32Array);
  else if (destination instanceof Float64Array) addFloat64(destination, source as Float64Array);
  else addInt32(destination, source as Int32Array);
}

function addFloat32(destination: Float32Array, source: Float32Array): void {
  for (let i = 0; i < destination.length; i++) destination[i]! += source[i]!;
}

function addFloat64(destination: Float64Array, source: Float64Array): void {
  for (let i = 0; i < destination.length; i++) destination[i]! += source[i]!;
}

function addInt32(destination: Int32Array, source: Int32Array): void {
  for (let i = 0; i < destination.length; i++) destination[i]! += source[i]!;
}
