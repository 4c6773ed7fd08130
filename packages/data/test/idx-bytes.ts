/** Encodes an IDX file of element type `type`; `values` need not match `shape`. */
export function idxBytes(type: number, shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const headerBytes = 4 + 4 * shape.length;
  const elementBytes = { 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8 }[type] ?? 1;
  const view = new DataView(new ArrayBuffer(headerBytes + values.length * elementBytes));
  view.setUint8(2, type);
  view.setUint8(3, shape.length);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  for (let i = 0, at = headerBytes; i < values.length; i++, at += elementBytes) {
    if (type === 0x0c) view.setInt32(at, values[i]!);
    else if (type === 0x0d) view.setFloat32(at, values[i]!);
    else if (type === 0x0e) view.setFloat64(at, values[i]!);
    else view.setUint8(at, values[i]!);
  }
  return new Uint8Array(view.buffer);
}
