/** Figures of a whole set of classified examples; they are no means over batches, so give them all examples at once. */
import { ShapeError, type Tensor } from '@gradwire/tensor';

/** Share of rows whose target is among the k largest scores. scores: [N, C], target: int32 [N]. */
export function topKAccuracy(scores: Tensor, target: Tensor, k: number): number {
  if (scores.rank !== 2 || target.rank !== 1 || scores.shape[0] !== target.size) {
    throw new ShapeError(
      `topKAccuracy: scores must be [N, C] and targets [N], got [${scores.shape.join(', ')}] and [${target.shape.join(', ')}]`,
    );
  }
  if (target.size === 0) return 0;
  const hits = scores
    .detach()
    .topk(k, 1)
    .indices.eq(target.reshape([-1, 1]));
  return hits.sum().item() / target.size;
}

/** How often class j was chosen (row maximum of scores) for target i: counts[i][j]. scores: [N, C], target: int32 [N]. */
export function confusionMatrix(scores: Tensor, target: Tensor): number[][] {
  const [rows, classes = 0] = scores.shape;
  if (scores.rank !== 2 || target.rank !== 1 || rows !== target.size) {
    throw new ShapeError(
      `confusionMatrix: scores must be [N, C] and targets [N], got [${scores.shape.join(', ')}] and [${target.shape.join(', ')}]`,
    );
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  if (rows === 0) return counts;
  const chosen = scores.argmax(1).data();
  target.data().forEach((wanted, i) => counts[wanted]![chosen[i]!]!++);
  return counts;
}

export interface ClassFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Precision, recall and F1 of each class from a confusion matrix; 0 where nothing was chosen or wanted. */
export function classFigures(counts: readonly (readonly number[])[]): ClassFigures[] {
  return counts.map((row, i) => {
    const right = row[i]!;
    const wanted = row.reduce((sum, n) => sum + n, 0);
    const chosen = counts.reduce((sum, other) => sum + other[i]!, 0);
    const share = (n: number, of: number): number => (of === 0 ? 0 : n / of);
    return { precision: share(right, chosen), recall: share(right, wanted), f1: share(2 * right, wanted + chosen) };
  });
}
