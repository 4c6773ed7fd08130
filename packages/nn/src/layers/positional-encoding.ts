import { empty, fromTypedArray, type Tensor } from '@gradwire/tensor';
import { normal_ } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';
import { longLived, rowsAt, type PositionOptions } from './positions.ts';

/**
 * [maxLen, dModel]: sin(t·ωᵢ) in the even columns, cos(t·ωᵢ) in the odd ones, with ωᵢ = 10000^(−2i/dModel) (Vaswani et
 * al. 2017, §3.5).
 */
export function sinusoidalPositionalEncoding({ maxLen, dModel }: { maxLen: number; dModel: number }): Tensor {
  const values = new Float32Array(maxLen * dModel);
  for (let column = 0; column < dModel; column++) {
    const frequency = 10000 ** (-(column - (column % 2)) / dModel);
    const wave = column % 2 === 0 ? Math.sin : Math.cos;
    for (let t = 0; t < maxLen; t++) values[t * dModel + column] = wave(t * frequency);
  }
  return fromTypedArray(values, [maxLen, dModel]);
}

/**
 * Adds the sinusoids of its places to a sequence, x: [N, L, dModel] → the same. They are not learned, and not part of the
 * state dict. Throws ShapeError beyond maxLen.
 */
export class SinusoidalPositionalEncoding extends Module {
  readonly maxLen: number;
  readonly #table: Tensor;

  constructor(maxLen: number, dModel: number) {
    super();
    this.maxLen = maxLen;
    this.#table = longLived(sinusoidalPositionalEncoding({ maxLen, dModel }));
  }

  forward(x: Tensor, options: PositionOptions = {}): Tensor {
    return x.add(rowsAt(this.#table, x.shape[1], options).to(x.dtype));
  }
}

/**
 * Adds a learned vector for each place to a sequence (Gehring et al. 2017), x: [N, L, dModel] → the same.
 * weight: [maxLen, dModel] starts normal with mean 0 and deviation 1, as that of Embedding. Throws ShapeError beyond maxLen.
 */
export class LearnedPositionalEmbedding extends Module {
  readonly maxLen: number;
  readonly weight: Parameter;

  constructor(maxLen: number, dModel: number) {
    super();
    this.maxLen = maxLen;
    this.weight = new Parameter(normal_(empty([maxLen, dModel])));
  }

  forward(x: Tensor, options: PositionOptions = {}): Tensor {
    return x.add(rowsAt(this.weight, x.shape[1], options));
  }
}
