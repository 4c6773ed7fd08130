import { fromTypedArray, noGrad, step } from '@gradwire/tensor';
import type { GPT } from '../models/gpt.ts';
import { chooseToken, type SamplingOptions } from './choose-token.ts';

export interface GenerateOptions extends SamplingOptions {
  readonly maxNewTokens: number;
}

/**
 * Continues a text: `tokens` and maxNewTokens more, each drawn by the logits that the model gives behind those before it,
 * of which it sees the last contextLength. The model is in evaluation meanwhile. Every token costs a whole forward.
 */
export function generate(
  model: GPT,
  tokens: readonly number[],
  { maxNewTokens, ...sampling }: GenerateOptions,
): number[] {
  const text = [...tokens];
  const { training } = model;
  model.eval();
  try {
    for (let i = 0; i < maxNewTokens; i++) text.push(chooseToken(nextLogits(model, text), sampling));
  } finally {
    model.train(training);
  }
  return text;
}

function nextLogits(model: GPT, text: readonly number[]): Float32Array {
  const seen = Int32Array.from(text.slice(-model.contextLength));
  return step(() =>
    noGrad(() => {
      const logits = model.forward(fromTypedArray(seen, [1, seen.length]));
      return Float32Array.from(
        logits
          .narrow(1, seen.length - 1, 1)
          .flatten()
          .toArray() as number[],
      );
    }),
  );
}
