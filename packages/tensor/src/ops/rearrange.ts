/** Elements in another order, or several times. */
import { record, type Node } from '../autograd.ts';
import { ShapeError } from '../errors.ts';
import { contiguousStrides, dimIndex, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { copyInto } from './accumulate.ts';
import { cat } from './join.ts';
import { expand, flatten, narrow, reshape, unsqueeze, viewOf } from './reshape.ts';

/** x with the order along each of the dims reversed. */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  const reversed = [dims].flat().map((dim) => dimIndex('flip', dim, x.rank));
  if (new Set(reversed).size !== reversed.length) throw new ShapeError(`flip: dims ${show(reversed)} name one twice`);
  const strides = [...(x.strides ?? contiguousStrides(x.shape))];
  let last = 0;
  for (const d of reversed) {
    last += (x.shape[d] - 1) * strides[d];
    strides[d] *= -1;
  }
  const out = Tensor.empty(x.shape, x.dtype);
  copyInto(out, viewOf(x, x.shape, strides, last)); // only the copy kernel reads backwards
  return record(out, flipGradient, [x], reversed);
}
function flipGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [flip(grad, saved as number[])];
}

/** x moved on by `shifts` along dims, with what leaves at the end coming in at the start; without dims, as if flat. */
export function roll(x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]): Tensor {
  if (dims === undefined) return reshape(roll(reshape(x, [-1]), shifts, 0), x.shape);
  const [steps, along] = [[shifts].flat(), [dims].flat()];
  if (steps.length !== along.length) {
    throw new ShapeError(`roll: ${steps.length} shifts do not fit ${along.length} dims; give one for each`);
  }
  return along.reduce((rolled, dim, i) => {
    const size = x.shape[dimIndex('roll', dim, x.rank)];
    const first = size === 0 ? 0 : ((-steps[i] % size) + size) % size;
    return first === 0 ? rolled : cat([narrow(rolled, dim, first, size - first), narrow(rolled, dim, 0, first)], dim);
  }, x);
}

/** x laid side by side repeats[d] times along each dimension; more numbers than dimensions add dimensions in front. */
export function repeat(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length < x.rank || !repeats.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(`repeat: ${show(repeats)} must hold a whole number for each dimension of ${show(x.shape)}`);
  }
  const shape = [...new Array<number>(repeats.length - x.rank).fill(1), ...x.shape];
  const apart = reshape(
    x,
    shape.flatMap((size) => [1, size]),
  );
  const stretched = expand(
    apart,
    shape.flatMap((size, d) => [repeats[d], size]),
  );
  return reshape(
    stretched,
    shape.map((size, d) => size * repeats[d]),
  );
}

/** Every element `repeats` times in a row along dim; without dim, of x made flat. */
export function repeatInterleave(x: Tensor, repeats: number, dim?: number): Tensor {
  if (dim === undefined) return repeatInterleave(reshape(x, [-1]), repeats, 0);
  const d = dimIndex('repeatInterleave', dim, x.rank);
  if (!Number.isInteger(repeats) || repeats < 0) {
    throw new ShapeError(`repeatInterleave: repeats must be a whole number from 0, got ${repeats}`);
  }
  const apart = unsqueeze(x, d + 1);
  const stretched = expand(
    apart,
    apart.shape.map((size, i) => (i === d + 1 ? repeats : size)),
  );
  return flatten(stretched, d, d + 1);
}
