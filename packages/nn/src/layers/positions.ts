import { embedding, noGrad, ShapeError, Tensor } from '@gradwire/tensor';

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
  const places = keyPaddingMask.logicalNot().to('int32').cumsum(1).sub(1).clamp(0);
  return { positions: places.narrow(1, past, length) };
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
