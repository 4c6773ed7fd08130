import { fromTypedArray, rotary, ShapeError, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';
import { longLived, rowsAt, type PositionOptions } from './positions.ts';

export interface RotaryEmbeddingOptions {
  /** Places that there are; 2048. */
  readonly maxLen?: number;
  /** Pair k turns by place·base^(−2k/dim); 10000. */
  readonly base?: number;
  /** Whether the pairs are neighbours (Su et al. 2021) instead of k and k + dim/2, as in Llama's weights; false. */
  readonly interleaved?: boolean;
}

/** cos and sin by place and pair, [L, dim/2] or [N, L, dim/2]. */
export interface RotaryAngles {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Rotary positions (Su et al. 2021): turns pairs in each head of queries and keys by angles that grow with the place, so that
 * their products depend on the distance alone. x: [N, L, H, dim] → the same. Nothing is learned, or in the state dict.
 * Throws ShapeError for an odd dim, or places beyond maxLen.
 */
export class RotaryEmbedding extends Module {
  readonly #cos: Tensor;
  readonly #sin: Tensor;
  readonly #interleaved: boolean;

  constructor(dim: number, options: RotaryEmbeddingOptions = {}) {
    super();
    const { maxLen, base, interleaved } = this.withDefaults(options, { maxLen: 2048, base: 10000, interleaved: false });
    if (!(Number.isInteger(dim) && dim > 0 && dim % 2 === 0)) {
      throw new ShapeError(`RotaryEmbedding: dim must be even, got ${dim}`);
    }
    this.#interleaved = interleaved;
    this.#cos = table(Math.cos, maxLen, dim, base);
    this.#sin = table(Math.sin, maxLen, dim, base);
  }

  /** The angles of `length` places, to be used for several tensors. */
  angles(length: number, where: PositionOptions = {}): RotaryAngles {
    return { cos: rowsAt(this.#cos, length, where), sin: rowsAt(this.#sin, length, where) };
  }

  forward(x: Tensor, where: PositionOptions | RotaryAngles = {}): Tensor {
    const { cos, sin } = 'cos' in where ? where : this.angles(x.shape[1], where);
    return rotary(x, cos.to(x.dtype), sin.to(x.dtype), { interleaved: this.#interleaved });
  }

  /** Four products and two sums a pair. */
  override flops(y: Tensor): number {
    return 3 * y.size;
  }
}

function table(wave: (angle: number) => number, maxLen: number, dim: number, base: number): Tensor {
  const half = dim / 2;
  const values = Float32Array.from({ length: maxLen * half }, (_, i) =>
    wave(Math.floor(i / half) * base ** ((-2 * (i % half)) / dim)),
  );
  return longLived(fromTypedArray(values, [maxLen, half]));
}
