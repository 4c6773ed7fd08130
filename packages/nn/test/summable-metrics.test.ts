import { tensor, type Tensor } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { bleu, corpusBleu } from '../src/metrics/bleu.ts';
import { f1Score, precision, recall } from '../src/metrics/f1-score.ts';
import { perplexity } from '../src/metrics/perplexity.ts';
import { meanAbsoluteError, meanSquaredError, r2Score } from '../src/metrics/regression.ts';
import { rocAuc } from '../src/metrics/roc-auc.ts';
import type { SummableMetric } from '../src/metrics/summable-metric.ts';

const int32 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: 'int32' });

/** The figure of batches that are summed, as a run does. */
function figure(metric: SummableMetric, batches: readonly (readonly [Tensor, Tensor])[]): number {
  const sums = new Array<number>(metric.size).fill(0);
  for (const [output, target] of batches) {
    const added = metric.sums(output, target, undefined);
    expect(added).toHaveLength(metric.size);
    added.forEach((sum, i) => (sums[i]! += sum));
  }
  return metric.value(sums);
}

describe('precision, recall and F1', () => {
  const first = [tensor([[3, 2, 1], [1, 2, 3]]), int32([0, 1])] as const; // prettier-ignore
  const second = [tensor([[0, 5, 4], [9, 1, 0]]), int32([1, 2])] as const; // prettier-ignore

  it('are means over the classes of the whole set, whatever its batches', () => {
    expect(figure(precision(3), [first, second])).toBeCloseTo((1 / 2 + 1 + 0) / 3, 12);
    expect(figure(recall(3), [first, second])).toBeCloseTo((1 + 1 / 2 + 0) / 3, 12);
    expect(figure(f1Score(3), [first, second])).toBeCloseTo((2 / 3 + 2 / 3 + 0) / 3, 12);
  });

  it('are the accuracy as micro averages', () => {
    for (const metric of [precision, recall, f1Score]) expect(figure(metric(3, 'micro'), [first, second])).toBe(0.5);
  });

  it('refuse a number of classes that is none, and scores of other classes', () => {
    expect(() => f1Score(0)).toThrow('f1Score: classes must be a whole number from 1 on, got 0');
    expect(() => recall(2, 'weighted' as never)).toThrow('recall: average must be "macro" or "micro", got "weighted"');
    expect(() => figure(precision(2), [first])).toThrow('precision: output must be scores [N, 2], got [2, 3]');
  });
});

describe('perplexity', () => {
  it('is the number of classes where all are equally likely', () => {
    expect(figure(perplexity(), [[tensor([[[0, 0, 0, 0], [7, 7, 7, 7]]]), int32([[1, 3]])]])).toBeCloseTo(4, 5); // prettier-ignore
  });

  it('is the geometric mean of 1 / p over the tokens of all batches but the ignored', () => {
    const rows = [[0.5, 0.5], [0.2, 0.8], [0.1, 0.9]].map((row) => row.map(Math.log)); // prettier-ignore
    const batches = [[tensor(rows.slice(0, 1)), int32([0])], [tensor(rows.slice(1)), int32([1, -1])]] as const; // prettier-ignore
    expect(figure(perplexity({ ignoreIndex: -1 }), batches)).toBeCloseTo((2 * 1.25) ** 0.5, 5);
  });
});

describe('BLEU', () => {
  const words = (text: string): string[] => text.split(' ');
  const reference = words('the cat is on the mat');

  it('counts a word no more often than a reference does (the paper’s example: 2 of 7)', () => {
    const references = [reference, words('there is a cat on the mat')];
    expect(corpusBleu([words('the the the the the the the')], [references], 1)).toBeCloseTo(2 / 7, 12);
  });

  it('is the geometric mean of the shares of n-grams, n = 1 … 4, and 0 if one of them is', () => {
    expect(corpusBleu([words('the cat sat on the mat now')], [[reference]])).toBe(0);
    const candidate = words('a b c d x f');
    expect(corpusBleu([candidate], [[words('a b c d e f')]])).toBeCloseTo(
      ((5 / 6) * (3 / 5) * (2 / 4) * (1 / 3)) ** 0.25,
      12,
    );
  });

  it('punishes candidates that are shorter than the nearest references, over the corpus', () => {
    expect(corpusBleu([reference.slice(0, 4)], [[reference]])).toBeCloseTo(Math.exp(1 - 6 / 4), 12);
    expect(corpusBleu([reference.slice(0, 5)], [[reference, reference.slice(0, 5)]])).toBeCloseTo(1, 12);
    expect(corpusBleu([reference, reference.slice(0, 4)], [[reference], [reference]])).toBeCloseTo(
      Math.exp(1 - 12 / 10),
      12,
    );
  });

  it('of token tensors stops at the end token, leaves padding out and sums over batches', () => {
    const [END, PAD] = [1, 0];
    const output = [[5, 6, 7, 8, END, 9], [5, 6, 7, 8, 9, 4]]; // prettier-ignore
    const target = [[5, 6, 7, 8, 2, END], [5, 6, 7, 8, 9, PAD]]; // prettier-ignore
    const whole = corpusBleu([[5, 6, 7, 8], output[1]!], [[[5, 6, 7, 8, 2]], [[5, 6, 7, 8, 9]]]);
    const metric = bleu({ end: END, padding: PAD });
    const batches = [0, 1].map((i) => [int32([output[i]!]), int32([target[i]!])] as const);
    expect(figure(metric, batches)).toBeCloseTo(whole, 12);
    expect(figure(metric, [[int32(output), int32(target)]])).toBeCloseTo(whole, 12);
  });

  it('of token tensors can compare the words that tokens make up', () => {
    const words = (tokens: readonly number[]) => tokens.map(String).join('').split('0');
    const metric = bleu({ end: 9, words, maxN: 2 });
    const batch = [int32([[1, 2, 0, 3, 0, 4, 9, 7]]), int32([[1, 2, 0, 3, 0, 5, 5, 9]])] as const;
    expect(figure(metric, [batch])).toBeCloseTo(corpusBleu([['12', '3', '4']], [[['12', '3', '55']]], 2), 12);
  });

  it('refuses candidates without references', () => {
    expect(() => corpusBleu([['a']], [[]])).toThrow('corpusBleu: candidate 0 has no reference');
  });
});

describe('figures of regression', () => {
  const batches = [
    [tensor([2.5, 0]), tensor([3, -0.5])],
    [tensor([2, 8]), tensor([2, 7])],
  ] as const;

  it('are the means of squares and of distances, and the share of the variance that is explained', () => {
    expect(figure(meanSquaredError(), batches)).toBe(0.375);
    expect(figure(meanAbsoluteError(), batches)).toBe(0.5);
    expect(figure(r2Score(), batches)).toBeCloseTo(1 - 1.5 / 29.1875, 12);
  });

  it('refuse another shape', () => {
    expect(() => figure(r2Score(), [[tensor([[1]]), tensor([1])]])).toThrow(
      'r2Score: output and target must have one shape, got [1, 1] and [1]',
    );
  });
});

describe('rocAuc', () => {
  it('is the share of pairs in the right order, equal scores counting half', () => {
    expect(rocAuc(tensor([0.1, 0.4, 0.35, 0.8]), int32([0, 0, 1, 1]))).toBe(0.75);
    expect(rocAuc(tensor([0.5, 0.5, 0.5]), int32([0, 1, 1]))).toBe(0.5);
    expect(rocAuc(tensor([1, 2, 2, 3]), int32([0, 0, 1, 1]))).toBe(3.5 / 4);
  });

  it('is no number where a class is missing', () => {
    expect(rocAuc(tensor([1, 2]), int32([1, 1]))).toBeNaN();
  });
});
