import { GradwireError, noGrad, ShapeError, step, Tensor } from '@gradwire/tensor';

/**
 * Keys and values that one attention layer has computed, so that a place which comes later need not compute them again:
 * two buffers [rows, H, maxLength, D], made at the first `append` and held until disposed. Inference only: nothing of it has a
 * gradient.
 */
export class KeyValueCache {
  readonly maxRows: number;
  readonly maxLength: number;
  #rows = 0;
  #length = 0;
  #keys: Tensor | null = null;
  #values: Tensor | null = null;

  /** For at most maxRows sequences of at most maxLength places each. */
  constructor(maxRows: number, maxLength: number) {
    this.maxRows = maxRows;
    this.maxLength = maxLength;
  }

  /** Places that are held. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds places: keys [N, H, L, D] and values [N, H, L, V] → those of all places, [N, H, length, D] and [N, H, length, V],
   * which are views. Throws ShapeError if they do not fit, GradwireError ERR_USAGE if they carry a gradient.
   */
  append(keys: Tensor, values: Tensor): [Tensor, Tensor] {
    this.#check(keys);
    this.#keys ??= this.#buffer(keys);
    this.#values ??= this.#buffer(values);
    const [before, added] = [this.#length, keys.shape[2]];
    this.#rows = keys.shape[0];
    this.#length += added;
    noGrad(() => {
      this.#part(this.#keys!, before, added).copy_(keys);
      this.#part(this.#values!, before, added).copy_(values);
    });
    return this.contents();
  }

  /** Keys and values of all places so far. */
  contents(): [Tensor, Tensor] {
    if (!this.#keys || !this.#values) throw new ShapeError('KeyValueCache: it is empty; append first');
    return [this.#part(this.#keys, 0, this.#length), this.#part(this.#values, 0, this.#length)];
  }

  /** Makes row i what row rows[i] was; there may be more or fewer rows than before. Throws ShapeError beyond maxRows, and for rows that are not there. */
  pick(rows: readonly number[]): void {
    if (rows.length > this.maxRows) {
      throw new ShapeError(`KeyValueCache: ${rows.length} rows do not fit; it was made for ${this.maxRows}`);
    }
    const absent = rows.find((row) => row >= this.#rows);
    if (absent !== undefined && this.#length > 0) {
      throw new ShapeError(`KeyValueCache: there is no row ${absent} of ${this.#rows}`);
    }
    for (const buffer of [this.#keys, this.#values]) if (buffer) step(() => noGrad(() => this.#reorder(buffer, rows)));
    this.#rows = rows.length;
  }

  /** Copies rows that move out of the buffer, and then to their new places. */
  #reorder(buffer: Tensor, rows: readonly number[]): void {
    const used = buffer.narrow(2, 0, this.#length);
    const moves = rows.flatMap((row, i) => (row === i ? [] : [{ to: i, picked: used.narrow(0, row, 1).clone() }]));
    for (const { to, picked } of moves) used.narrow(0, to, 1).copy_(picked);
  }

  /** Gives both buffers back. */
  [Symbol.dispose](): void {
    for (const buffer of [this.#keys, this.#values]) buffer?.[Symbol.dispose]();
    this.#keys = this.#values = null;
    this.#length = 0;
  }

  #buffer({ shape, dtype }: Tensor): Tensor {
    return Tensor.emptyLongLived([this.maxRows, shape[1], this.maxLength, shape[3]], dtype, 'key-value cache');
  }

  #part(buffer: Tensor, start: number, length: number): Tensor {
    return buffer.narrow(0, 0, this.#rows).narrow(2, start, length);
  }

  #check(keys: Tensor): void {
    if (keys.requiresGrad) {
      throw new GradwireError('ERR_USAGE', 'KeyValueCache: it keeps no gradients; call forward inside noGrad(() => …)');
    }
    const [rows, , added] = keys.shape;
    if (rows > this.maxRows || this.#length + added > this.maxLength) {
      throw new ShapeError(
        `KeyValueCache: ${rows} rows of ${this.#length} + ${added} places do not fit into ${this.maxRows} of ${this.maxLength}`,
      );
    }
    if (this.#length > 0 && rows !== this.#rows) {
      throw new ShapeError(`KeyValueCache: it holds ${this.#rows} rows, but ${rows} were added; pick rows first`);
    }
  }
}
