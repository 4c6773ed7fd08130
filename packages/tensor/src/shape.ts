import { ShapeError } from './errors.ts';

/** Sizes of a tensor's dimensions, outermost first; [] is a scalar. Never mutated once a tensor holds it. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i];
  return size;
}

/** Strides in elements of a row-major tensor. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** "[2, 3]", for messages. */
export function show(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Throws unless every size is a whole number ≥ 0. */
export function checkShape(where: string, shape: Shape): void {
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new ShapeError(`${where}: shape ${show(shape)} has the size ${size}; sizes are whole numbers from 0`);
    }
  }
}

/** Whether two indices may mean the same element: exact, save that it takes windows which interleave for overlapping. */
export function overlaps(shape: Shape, strides: readonly number[]): boolean {
  if (shape.includes(0)) return false;
  const dims = shape.flatMap((size, d) => (size > 1 ? [{ size, stride: Math.abs(strides[d]) }] : []));
  let reach = 0; // how far the dimensions of smaller strides go
  for (const { size, stride } of dims.sort((a, b) => a.stride - b.stride)) {
    if (stride <= reach) return true;
    reach += (size - 1) * stride;
  }
  return false;
}

/** Turns a dimension that may count from the end (-1 is the last) into an index. Throws ShapeError if there is none. */
export function dimIndex(where: string, dim: number, rank: number): number {
  const index = dim < 0 ? dim + rank : dim;
  if (!Number.isInteger(dim) || index < 0 || index >= rank) {
    throw new ShapeError(`${where}: dim ${dim} is out of range for a tensor of ${rank} dimensions`);
  }
  return index;
}

/** Shape of an elementwise result of a and b: sizes match from the right, and 1 stretches (NumPy's broadcasting rule). */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = i <= a.length ? a[a.length - i] : 1;
    const y = i <= b.length ? b[b.length - i] : 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`${where}: shapes ${show(a)} and ${show(b)} do not broadcast: sizes ${x} and ${y} differ`);
    }
    out[rank - i] = x === 1 ? y : x;
  }
  return out;
}

/** Resolves one -1 in a target shape from the number of elements. Throws ShapeError if the sizes cannot match. */
export function inferShape(where: string, shape: Shape, size: number): number[] {
  const unknown = shape.indexOf(-1);
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const resolved = [...shape];
  if (unknown >= 0) {
    if (shape.indexOf(-1, unknown + 1) >= 0)
      throw new ShapeError(`${where}: shape ${show(shape)} has more than one -1`);
    resolved[unknown] = known === 0 ? 0 : size / known;
  }
  if (!resolved.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(resolved) !== size) {
    throw new ShapeError(`${where}: ${size} elements do not fit the shape ${show(shape)}`);
  }
  return resolved;
}
