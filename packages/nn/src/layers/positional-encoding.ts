import { fromTypedArray, type Tensor } from '@gradwire/tensor';

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
