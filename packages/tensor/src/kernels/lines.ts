import { dimIndex, type Shape } from '../shape.ts';
import { openBlock } from './block.ts';

/** A shape seen as [outer, n, inner] around one dimension. */
export interface Lines {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

export function linesAround(where: string, shape: Shape, dim: number): Lines {
  const index = dimIndex(where, dim, shape.length);
  let outer = 1;
  let inner = 1;
  for (let d = 0; d < index; d++) outer *= shape[d];
  for (let d = index + 1; d < shape.length; d++) inner *= shape[d];
  return { outer, n: shape[index], inner };
}

/** Writes the block of kernels that run along one dimension: three addresses, then outer, n, inner. */
export function bindLines(out: number, a: number, b: number, { outer, n, inner }: Lines): Uint32Array {
  const words = openBlock();
  words[0] = out;
  words[1] = a;
  words[2] = b;
  words[3] = outer;
  words[4] = n;
  words[5] = inner;
  return words;
}
