/** Padding: values around a tensor, along its last dimensions. Negative amounts cut off. */
import { record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { ShapeError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { copyInto } from './accumulate.ts';
import { fill } from './fill.ts';
import { indexSelect } from './gather.ts';
import { slice } from './reshape.ts';

export type PaddingMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** What padding holds: `value` (0 unless given), or elements of x mirrored at the border, the last one again, or x anew. */
export interface PadOptions {
  readonly mode?: PaddingMode;
  readonly value?: number;
}

/**
 * x with padding around it: pad = [left, right] of the last dimension, then of the one before it, and so on. The third
 * argument is the padding's value, or { mode, value }. Throws ShapeError if 'reflect' reaches beyond the other border
 * (padding ≥ size) or 'circular' goes round more than once (padding > size).
 */
export function pad(x: Tensor, pad: readonly number[], fillWith: number | PadOptions = 0): Tensor {
  const { mode = 'constant', value = 0 } = typeof fillWith === 'number' ? { value: fillWith } : fillWith;
  if (pad.length % 2 !== 0 || pad.length / 2 > x.rank || !pad.every((n) => Number.isInteger(n))) {
    throw new ShapeError(`pad: ${show(pad)} must hold two whole numbers for each padded dimension of ${show(x.shape)}`);
  }
  const sides = x.shape.map((_, d): Side => {
    const at = 2 * (x.rank - 1 - d);
    return [pad[at] ?? 0, pad[at + 1] ?? 0];
  });
  const inside = cut(x, sides);
  const added = sides.map(([before, after]): Side => [Math.max(before, 0), Math.max(after, 0)]);
  if (mode === 'constant') return surround(inside, added, value);
  return added.reduce((whole, side, d) => extend(whole, d, side, mode), inside);
}

type Side = readonly [before: number, after: number];

function cut(x: Tensor, sides: readonly Side[]): Tensor {
  return sides.reduce((part, [before, after], d) => {
    if (before >= 0 && after >= 0) return part;
    const [start, end] = [Math.max(-before, 0), part.shape[d] + Math.min(after, 0)];
    if (start > end) throw new ShapeError(`pad: ${show([before, after])} cuts off more than ${show(x.shape)} has`);
    return slice(part, d, start, end);
  }, x);
}

function surround(x: Tensor, sides: readonly Side[], value: number): Tensor {
  const out = fill(
    Tensor.empty(
      x.shape.map((size, d) => sides[d][0] + size + sides[d][1]),
      x.dtype,
    ),
    value,
  );
  const before = sides.map(([count]) => count);
  copyInto(inner(out, before, x.shape), x);
  return noted(record(out, padGradient, [x], before), 'pad', [x], { sides, value });
}
function padGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  return [inner(grad, saved as number[], x.shape)];
}

function inner(whole: Tensor, before: readonly number[], shape: readonly number[]): Tensor {
  return before.reduce((part, start, d) => slice(part, d, start, start + shape[d]), whole);
}

/** Padding made of x's own elements, along one dimension. */
function extend(x: Tensor, dim: number, [before, after]: Side, mode: Exclude<PaddingMode, 'constant'>): Tensor {
  if (before === 0 && after === 0) return x;
  const size = x.shape[dim];
  const least = { reflect: Math.max(before, after) + 1, replicate: 1, circular: Math.max(before, after) }[mode];
  if (least === undefined) {
    throw new ShapeError(`pad: mode must be constant, reflect, replicate or circular, got ${JSON.stringify(mode)}`);
  }
  if (size < least) {
    throw new ShapeError(
      `pad: mode '${mode}' with padding ${show([before, after])} needs a size of at least ${least}, got dimension ${dim} of ${show(x.shape)}`,
    );
  }
  const index = Tensor.empty([before + size + after], 'int32');
  const start = index.address >>> 2;
  for (let i = 0; i < index.size; i++) views.i32[start + i] = SOURCE[mode](i - before, size);
  return indexSelect(x, dim, index);
}

/** Where padding takes its element from; `at` is its place, with x at 0 … size − 1. */
const SOURCE = {
  reflect: (at: number, size: number): number => (at < 0 ? -at : at < size ? at : 2 * (size - 1) - at),
  replicate: (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1),
  circular: (at: number, size: number): number => (at + size) % size,
};
