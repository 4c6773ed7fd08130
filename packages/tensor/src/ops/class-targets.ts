import { DTypeError, ShapeError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';

/** The number of classes of scores [N, C, ...] with targets [N, ...] and weight [C]; throws ShapeError or DTypeError where they do not fit. */
export function checkTargets(
  where: string,
  scores: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
): number {
  const [n, classes, ...rest] = scores.shape;
  const expected = [n, ...rest];
  if (scores.rank < 2 || show(expected) !== show(target.shape)) {
    throw new ShapeError(
      `${where}: scores ${show(scores.shape)} are [N, C, ...], so targets must be ${show(expected)}, got ${show(target.shape)}`,
    );
  }
  if (target.dtype !== 'int32')
    throw new DTypeError(`${where}: targets are class indices (int32), got ${target.dtype}`);
  if (weight && (weight.rank !== 1 || weight.size !== classes)) {
    throw new ShapeError(`${where}: weight ${show(weight.shape)} must hold one number for each of ${classes} classes`);
  }
  if (weight && weight.dtype !== scores.dtype) {
    throw new DTypeError(`${where}: scores are ${scores.dtype}, but weight is ${weight.dtype}`);
  }
  const source = rowMajor(target);
  for (let i = 0, at = source.address >>> 2; i < source.size; i++, at++) {
    const t = views.i32[at];
    if ((t < 0 || t >= classes) && t !== ignoreIndex) {
      throw new ShapeError(
        `${where}: target ${t} at position ${i} is no class; there are ${classes} classes, 0 to ${classes - 1}`,
      );
    }
  }
  return classes;
}
