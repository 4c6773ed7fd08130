import { tensor } from '@gradwire/tensor';
import { expect, it } from 'vitest';
import { classFigures, confusionMatrix, topKAccuracy } from '../src/metrics/classification.ts';

const scores = tensor([
  [3, 2, 1],
  [1, 2, 3],
  [0, 5, 4],
  [9, 1, 0],
]);
const target = tensor([0, 1, 1, 2], { dtype: 'int32' });

it('topKAccuracy counts targets among the k largest scores', () => {
  expect([1, 2, 3].map((k) => topKAccuracy(scores, target, k))).toEqual([0.5, 0.75, 1]);
});

it('a confusion matrix has a row for each target, and gives precision, recall and F1 of each class', () => {
  const counts = confusionMatrix(scores, target);
  expect(counts).toEqual([
    [1, 0, 0],
    [0, 1, 1],
    [1, 0, 0],
  ]);
  expect(classFigures(counts)).toEqual([
    { precision: 0.5, recall: 1, f1: 2 / 3 },
    { precision: 1, recall: 0.5, f1: 2 / 3 },
    { precision: 0, recall: 0, f1: 0 },
  ]);
});
