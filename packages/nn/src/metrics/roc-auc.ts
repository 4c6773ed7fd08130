import { ShapeError, type Tensor } from '@gradwire/tensor';

/**
 * Area under the receiver operating characteristic: the chance that a random positive example scores above a random
 * negative one, equal scores counting half (Mann-Whitney). scores: [N], target: 0 or 1, [N]; of a whole test set, not a
 * mean over batches. NaN where one of the classes is missing.
 */
export function rocAuc(scores: Tensor, target: Tensor): number {
  if (scores.rank !== 1 || target.rank !== 1 || scores.size !== target.size) {
    const [given, wanted] = [scores, target].map(({ shape }) => `[${shape.join(', ')}]`);
    throw new ShapeError(`rocAuc: scores and target must both be [N], got ${given} and ${wanted}`);
  }
  const values = scores.data();
  const isPositive = Array.from(target.data(), (value) => value === 1);
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  let above = 0;
  let negatives = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    const equal = order.slice(start, end);
    const positives = equal.filter((i) => isPositive[i]).length;
    const equalNegatives = equal.length - positives;
    above += positives * (negatives + equalNegatives / 2);
    negatives += equalNegatives;
  }
  return above / (negatives * (order.length - negatives));
}
