import { crossEntropy } from '../losses/cross-entropy.ts';
import type { SummableMetric } from './summable-metric.ts';

export interface PerplexityOptions {
  /** Targets of this class, such as padding, count for nothing; −100 by default. */
  readonly ignoreIndex?: number;
}

/**
 * exp of the mean of −ln p(target) over all tokens of a test set; the number of equally likely tokens that would be as
 * hard to guess. output: logits [..., classes], target: int32 [...].
 */
export function perplexity({ ignoreIndex = -100 }: PerplexityOptions = {}): SummableMetric {
  return {
    size: 2,
    sums: (logits, target) => {
      const tokens = target.reshape([-1]);
      const rows = logits.reshape([target.size, logits.shape.at(-1)!]);
      const counted = Array.from(tokens.data()).filter((token) => token !== ignoreIndex).length;
      return [crossEntropy(rows, tokens, { ignoreIndex, reduction: 'sum' }).item(), counted];
    },
    value: ([total, tokens]) => Math.exp(total! / tokens!),
  };
}
