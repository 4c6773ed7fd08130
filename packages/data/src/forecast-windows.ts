import { fromTypedArray, GradwireError } from '@gradwire/tensor';
import type { LabeledBatch } from './dataset.ts';
import { TensorDataset } from './tensor-dataset.ts';

export interface ForecastOptions {
  /** Values that are seen. */
  readonly contextLength: number;
  /** Values that follow them and are to be foretold; 1 by default. */
  readonly horizon?: number;
}

/**
 * Every window of a series of n values, to learn to foretell it: a batch has x: [b, contextLength, 1] float32, and
 * y: [b, horizon], the values that follow. Throws ERR_DATA_OPTION unless both are whole numbers above 0 whose sum is
 * at most n.
 */
export function forecastWindows(
  values: ArrayLike<number>,
  { contextLength, horizon = 1 }: ForecastOptions,
): TensorDataset<LabeledBatch> {
  const count = values.length - contextLength - horizon + 1;
  if (![contextLength, horizon].every((n) => Number.isInteger(n) && n > 0) || count < 1) {
    throw new GradwireError(
      'ERR_DATA_OPTION',
      `forecastWindows: contextLength ${contextLength} and horizon ${horizon} must be whole numbers above 0, ` +
        `together at most the ${values.length} values of the series`,
    );
  }
  const series = Float32Array.from(values);
  const slices = (from: number, length: number): Float32Array => {
    const table = new Float32Array(count * length);
    for (let i = 0; i < count; i++) table.set(series.subarray(i + from, i + from + length), i * length);
    return table;
  };
  return new TensorDataset<LabeledBatch>({
    x: fromTypedArray(slices(0, contextLength), [count, contextLength, 1]),
    y: fromTypedArray(slices(contextLength, horizon), [count, horizon]),
  });
}
