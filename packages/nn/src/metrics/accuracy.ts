import { ShapeError, type Tensor } from '@gradwire/tensor';

/** Share of rows whose largest score is the target's class. scores: [N, C], target: int32 [N] → a number in [0, 1]. */
export function accuracy(scores: Tensor, target: Tensor): number {
  if (scores.rank !== 2 || target.rank !== 1 || scores.shape[0] !== target.size) {
    throw new ShapeError(
      `accuracy: scores must be [N, C] and targets [N], got [${scores.shape.join(', ')}] and [${target.shape.join(', ')}]`,
    );
  }
  if (target.size === 0) return 0;
  const chosen = scores.argmax(1).data();
  const wanted = target.data();
  let right = 0;
  for (let i = 0; i < wanted.length; i++) right += Number(chosen[i] === wanted[i]);
  return right / target.size;
}
