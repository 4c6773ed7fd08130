import {
  FLAT_BLOCK,
  squareSums,
  Tensor,
  type FlatParameters,
  type FlatPieces,
  type FlatSlice,
  type TensorHandle,
  type TypedArray,
} from '@gradwire/tensor';

/**
 * Euclidean norms over flat memory: of each parameter, or of rows of them. They are made of sums over fixed pieces (what of
 * a row lies in one block), in float64 and in one order, so the bits are the same wherever the pieces are summed: threads
 * and processes `measure` slices of whole blocks, wait for one another, and read the norms.
 */
export class FlatNorms {
  /** First and last + 1 element of each piece, [pieces, 2], int32. */
  readonly #borders: Tensor;
  /** The first piece of each row, and a last entry. */
  readonly #firstPieces: readonly number[];
  /** The first row of each parameter, and a last entry. */
  readonly #firstRows: readonly number[];
  #sums: Tensor;
  /** Views of borders and sums, since rows are many. */
  readonly #elements: TypedArray;
  #squares: TypedArray;

  /** rowLength: elements of a row of a parameter, all of them by default; 0 if it has no part in the norms. */
  constructor({ parameters, offsets }: FlatParameters, rowLength = ({ size }: Tensor): number => size) {
    const [borders, firstPieces, firstRows]: [number[], number[], number[]] = [[], [], []];
    for (const [i, parameter] of parameters.entries()) {
      firstRows.push(firstPieces.length);
      const length = rowLength(parameter);
      for (let row = 0; length > 0 && row < parameter.size; row += length) {
        firstPieces.push(borders.length / 2);
        for (let at = row; at < row + length;) {
          const end = Math.min(row + length, (Math.floor(at / FLAT_BLOCK) + 1) * FLAT_BLOCK);
          borders.push(offsets[i]! + at, offsets[i]! + end);
          at = end;
        }
      }
    }
    const pieces = borders.length / 2;
    this.#firstRows = [...firstRows, firstPieces.length];
    this.#firstPieces = [...firstPieces, pieces];
    this.#borders = Tensor.emptyLongLived([pieces, 2], 'int32', 'borders of norms');
    this.#elements = this.#borders.view();
    this.#elements.set(borders);
    this.#sums = Tensor.emptyLongLived([pieces], 'float64', 'sums of norms');
    this.#squares = this.#sums.view();
    this.#squares.fill(0);
  }

  /** Rows of all parameters. */
  get rowCount(): number {
    return this.#firstPieces.length - 1;
  }

  /** Sum of squares of each piece, [pieces], float64. */
  get sums(): Tensor {
    return this.#sums;
  }

  /** Sums up the pieces that begin in elements start … end − 1 of `values`, which are laid out as the parameters. */
  measure(values: Tensor, start: number, end: number): void {
    squareSums(values, this.pieces(start, end), this.#sums);
  }

  /** The pieces that begin in elements start … end − 1. */
  pieces(start: number, end: number): FlatPieces {
    return { borders: this.#borders, from: this.#pieceFrom(start), to: this.#pieceFrom(end) };
  }

  /** Which of the sums a slice of flat memory has. */
  slice({ start, end }: FlatSlice): FlatSlice {
    return { start: this.#pieceFrom(start), end: this.#pieceFrom(end) };
  }

  /** First and last + 1 row of a parameter. */
  rows(parameter: number): readonly [number, number] {
    return [this.#firstRows[parameter]!, this.#firstRows[parameter + 1]!];
  }

  /** First and last + 1 element of a row. */
  elements(row: number): readonly [number, number] {
    const borders = this.#elements;
    return [borders[2 * this.#firstPieces[row]!]!, borders[2 * this.#firstPieces[row + 1]! - 1]!];
  }

  /** Norm of a row; once all of its pieces are measured. */
  norm(row: number): number {
    return this.#root(this.#firstPieces[row]!, this.#firstPieces[row + 1]!);
  }

  /** Norm of all rows together. */
  total(): number {
    return this.#root(0, this.#sums.size);
  }

  /** Where the sums lie, for threads that measure other slices. */
  handle(): TensorHandle {
    return this.#sums.handle();
  }

  /** Uses the sums of another thread. */
  attach(handle: TensorHandle): void {
    this.#sums[Symbol.dispose]();
    this.#sums = Tensor.fromHandle(handle);
    this.#squares = this.#sums.view();
  }

  #root(from: number, to: number): number {
    const sums = this.#squares;
    let sum = 0;
    for (let piece = from; piece < to; piece++) sum += sums[piece]!;
    return Math.sqrt(sum);
  }

  /** The first piece that begins at or behind an element. */
  #pieceFrom(element: number): number {
    const borders = this.#elements;
    let [low, high] = [0, this.#sums.size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (borders[2 * middle]! < element) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
