/** A recurrent operation has several results, and a node has one: they lie behind each other in one tensor. */
import { Tensor } from '../../tensor.ts';
import { split } from '../join.ts';
import { reshape, viewOf } from '../reshape.ts';
import type { Shape } from '../../shape.ts';
import { sizeOf } from '../../shape.ts';

/** The parts of `flat` with the given shapes: views, no gradient. */
export function partsOf(flat: Tensor, shapes: readonly Shape[]): Tensor[] {
  let offset = 0;
  return shapes.map((shape) => {
    const part = viewOf(flat, shape, null, offset);
    offset += part.size;
    return part;
  });
}

/** The same as results of the operation, through which gradients flow. */
export function resultsOf(flat: Tensor, shapes: readonly Shape[]): Tensor[] {
  const parts = split(flat, shapes.map(sizeOf));
  return parts.map((part, i) => reshape(part, shapes[i]));
}

export function emptyFlat(shapes: readonly Shape[], dtype: Tensor['dtype']): Tensor {
  return Tensor.empty([shapes.reduce((total, shape) => total + sizeOf(shape), 0)], dtype);
}
