/** Writes strided operands into the argument block, after joining dimensions that lie behind each other in memory. */
import { ShapeError } from '../errors.ts';
import { contiguousStrides, sameShape, show, type Shape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { openBlock } from './block.ts';

const MAX_DIMS = 8;
const NDIM = 4;
const SIZES = 8;
const STRIDES = 16;

/**
 * Operand 0 is the output, the others are inputs that broadcast to its shape.
 * Throws MemoryError for a tensor of an ended step, ShapeError for more than 8 dimensions that cannot be joined.
 */
export function bindOperands(out: Tensor, a: Tensor, b?: Tensor, c?: Tensor): void {
  a.checkAlive();
  b?.checkAlive();
  c?.checkAlive();
  const words = openBlock();
  words[0] = out.address;
  words[1] = a.address;
  if (b) words[2] = b.address;
  if (c) words[3] = c.address;
  if (fits(out, out) && fits(a, out) && (!b || fits(b, out)) && (!c || fits(c, out))) return bindFlat(words, out.size);
  bindDimensions(words, out.shape, operandStrides(out, a, b, c));
}

function fits(operand: Tensor, out: Tensor): boolean {
  return operand.strides === null && sameShape(operand.shape, out.shape);
}

function bindFlat(words: Uint32Array, n: number): void {
  words[NDIM] = 1;
  words[SIZES] = n;
  words[STRIDES] = words[STRIDES + 8] = words[STRIDES + 16] = words[STRIDES + 24] = 1;
}

function operandStrides(...operands: (Tensor | undefined)[]): number[][] {
  const shape = operands[0]!.shape;
  return operands.flatMap((operand) => (operand ? [broadcastStrides(operand, shape)] : []));
}

/** Strides of a tensor read with the given shape: 0 along dimensions that it stretches. */
function broadcastStrides(tensor: Tensor, shape: Shape): number[] {
  const own = tensor.strides ?? contiguousStrides(tensor.shape);
  const offset = shape.length - tensor.shape.length;
  return shape.map((size, d) => (d < offset || (tensor.shape[d - offset] === 1 && size !== 1) ? 0 : own[d - offset]));
}

function bindDimensions(words: Uint32Array, shape: Shape, strides: number[][]): void {
  const sizes: number[] = [];
  const kept: number[][] = strides.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 1) continue;
    const last = sizes.length - 1;
    const joins = last >= 0 && strides.every((s, k) => kept[k][last] === s[d] * shape[d]);
    if (joins) {
      sizes[last] *= shape[d];
      strides.forEach((s, k) => (kept[k][last] = s[d]));
    } else {
      sizes.push(shape[d]);
      strides.forEach((s, k) => kept[k].push(s[d]));
    }
  }
  if (sizes.length > MAX_DIMS)
    throw new ShapeError(`shape ${show(shape)} has more than ${MAX_DIMS} separate dimensions`);
  if (sizes.length === 0) {
    sizes.push(1);
    kept.forEach((s) => s.push(1));
  }
  words[NDIM] = sizes.length;
  words.set(sizes, SIZES);
  kept.forEach((s, k) => words.set(s, STRIDES + 8 * k));
}
