import { ShapeError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { scalar } from './fill.ts';
import { where } from './where.ts';

/** The last two dimensions on and above a diagonal, 0 below it; diagonal 1 is the one above the main diagonal. */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return where(
    triangle('triu', x, (row, column) => column - row >= diagonal),
    x,
    scalar(0, x.dtype),
  );
}

/** The last two dimensions on and below a diagonal, 0 above it; diagonal 1 is the one above the main diagonal. */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return where(
    triangle('tril', x, (row, column) => column - row <= diagonal),
    x,
    scalar(0, x.dtype),
  );
}

/** [rows, columns] of x, bool. */
function triangle(name: string, x: Tensor, holds: (row: number, column: number) => boolean): Tensor {
  if (x.rank < 2) throw new ShapeError(`${name}: needs at least two dimensions, got ${show(x.shape)}`);
  const [rows, columns] = x.shape.slice(-2);
  const mask = Tensor.empty([rows, columns], 'bool');
  for (let i = 0; i < mask.size; i++) {
    const row = Math.floor(i / columns);
    views.u8[mask.address + i] = Number(holds(row, i - row * columns));
  }
  return mask;
}
