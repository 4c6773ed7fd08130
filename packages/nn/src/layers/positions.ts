import { embedding, fromTypedArray, noGrad, ShapeError, Tensor } from '@gradwire/tensor';

/** Which places of a sequence the rows of an input have: offset, offset + 1 … unless positions say otherwise. */
export interface PositionOptions {
  /** Place of the first; 0. */
  readonly offset?: number;
  /** [N, L] int32: a place for each. */
  readonly positions?: Tensor | null;
}

/**
 * Places of `length` tokens behind `past` ones. keyPaddingMask: [N, past + length], true for padding, which is not counted: so
 * a sequence has the same places whether it is padded in front, behind, or not at all.
 */
export function placesBehind(past: number, length: number, keyPaddingMask: Tensor | null | undefined): PositionOptions {
  if (!keyPaddingMask) return { offset: past };
  const [rows, all] = keyPaddingMask.shape;
  const isPadding = keyPaddingMask.data();
  const places = new Int32Array(rows * length);
  for (let n = 0; n < rows; n++) {
    let place = -1;
    for (let t = 0; t < all; t++) {
      if (!isPadding[n * all + t]) place++;
      if (t >= past) places[n * length + t - past] = Math.max(place, 0);
    }
  }
  return { positions: fromTypedArray(places, [rows, length]) };
}

/** The rows of a table [places, E] for `length` places: [length, E], a view, or [N, length, E]. Throws ShapeError. */
export function rowsAt(table: Tensor, length: number, { offset = 0, positions = null }: PositionOptions): Tensor {
  if (positions) return embedding(positions, table);
  const [places] = table.shape;
  if (offset + length > places) {
    throw new ShapeError(`positions: ${length} places from ${offset} on go beyond the ${places} there are`);
  }
  return table.narrow(0, offset, length);
}

/** The same values in memory that no step ends. */
export function longLived(x: Tensor): Tensor {
  return noGrad(() => Tensor.emptyLongLived(x.shape, x.dtype, 'positions').copy_(x));
}
