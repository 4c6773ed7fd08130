import { GradwireError, ShapeError } from '../errors.ts';
import { views } from '../heap/memory.ts';
import { defaultGenerator } from '../random/default-generator.ts';
import type { Generator } from '../random/generator.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { checkFloat } from './elementwise.ts';

export interface MultinomialOptions {
  /** Whether a place may be drawn again. */
  readonly replacement?: boolean;
  readonly generator?: Generator;
}

/**
 * Draws `numSamples` places of each row, with chances in proportion to the row's weights, which need not add up to 1.
 * weights: [n] or [rows, n] → int32 [numSamples] or [rows, numSamples].
 * Throws ERR_RANDOM for weights that are negative, not finite, all 0, or fewer above 0 than are drawn without replacement.
 */
export function multinomial(
  weights: Tensor,
  numSamples: number,
  { replacement = false, generator = defaultGenerator() }: MultinomialOptions = {},
): Tensor {
  checkFloat('multinomial', weights);
  if (weights.rank < 1 || weights.rank > 2 || !Number.isInteger(numSamples) || numSamples < 1) {
    throw new ShapeError(
      `multinomial: needs [n] or [rows, n] and samples from 1, got ${show(weights.shape)}, ${numSamples}`,
    );
  }
  const out = Tensor.empty([...weights.shape.slice(0, -1), numSamples], 'int32');
  const data = weights.data();
  const n = weights.shape[weights.rank - 1];
  for (let start = 0, at = out.address >>> 2; start < data.length; start += n, at += numSamples) {
    const left = Float64Array.from(data.subarray(start, start + n));
    checkRow(left, replacement ? 1 : numSamples);
    for (let k = 0; k < numSamples; k++) {
      const place = drawPlace(left, generator);
      if (!replacement) left[place] = 0;
      views.i32[at + k] = place;
    }
  }
  return out;
}

/** The place at which the running sum of the weights passes a uniform number below their sum. */
function drawPlace(weights: Float64Array, generator: Generator): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = (generator.uint32() + 0.5) * 2 ** -32 * total;
  let place = -1;
  for (let i = 0; i < weights.length && rest >= 0; i++) {
    if (weights[i] === 0) continue;
    rest -= weights[i];
    place = i;
  }
  return place;
}

function checkRow(weights: Float64Array, needed: number): void {
  const wrong = weights.find((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong !== undefined) {
    throw new GradwireError('ERR_RANDOM', `multinomial: weights must be finite and not below 0, got ${wrong}`);
  }
  const possible = weights.filter((weight) => weight > 0).length;
  if (possible < needed) {
    throw new GradwireError(
      'ERR_RANDOM',
      `multinomial: ${needed} places are to be drawn, but ${possible} have a weight above 0`,
    );
  }
}
