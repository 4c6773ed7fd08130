/** Losses that want the scores of right classes above those of wrong ones by a margin. */
import { ShapeError, tensor, where, type Tensor } from '@gradwire/tensor';
import { checkSameShape, reduce, type Reduction } from './reduction.ts';

/** ln(1 + e^(−target·input)), elementwise, for targets 1 and −1. */
export function softMarginLoss(
  input: Tensor,
  target: Tensor,
  { reduction = 'mean' }: { readonly reduction?: Reduction } = {},
): Tensor {
  checkSameShape('softMarginLoss', input, target);
  return reduce(input.mul(target).logSigmoid().neg(), reduction);
}

export interface MultiMarginOptions {
  /** Power of each shortfall: 1 or 2. */
  readonly p?: number;
  readonly margin?: number;
  /** [C], factor of each right class's shortfalls. */
  readonly weight?: Tensor | null;
  readonly reduction?: Reduction;
}

/** Σ over wrong classes of max(0, margin − x[right] + x[wrong])ᵖ, divided by C. input: [N, C] or [C], target: int32, [N] or []. */
export function multiMarginLoss(
  input: Tensor,
  target: Tensor,
  { p = 1, margin = 1, weight = null, reduction = 'mean' }: MultiMarginOptions = {},
): Tensor {
  if (input.rank === 1) {
    const options = { p, margin, weight, reduction };
    const losses = multiMarginLoss(input.unsqueeze(0), target.reshape([1]), options);
    return losses.reshape([]);
  }
  const classes = input.shape[1];
  const right = target.unsqueeze(1);
  const shortfalls = input.sub(input.gather(1, right)).add(margin).relu();
  const powers = p === 1 ? shortfalls : shortfalls.pow(p);
  const weighted = weight ? powers.mul(weight.indexSelect(0, target).unsqueeze(1)) : powers;
  return reduce(weighted.scatter(1, right, 0).sum(1).div(classes), reduction);
}

/**
 * Σ over right and wrong classes of max(0, 1 − x[right] + x[wrong]), divided by C. input: [N, C] or [C]; target: int32 of its
 * shape, the right classes and then −1.
 */
export function multilabelMarginLoss(
  input: Tensor,
  target: Tensor,
  { reduction = 'mean' }: { readonly reduction?: Reduction } = {},
): Tensor {
  checkSameShape('multilabelMarginLoss', input, target);
  if (input.rank === 1) {
    const losses = multilabelMarginLoss(input.unsqueeze(0), target.unsqueeze(0), { reduction });
    return losses.reshape([]);
  }
  if (input.rank !== 2)
    throw new ShapeError(`multilabelMarginLoss: input must be [N, C], got ${input.rank} dimensions`);
  const classes = input.shape[1];
  const named = target.lt(0).to('int32').cumsum(1).eq(0); // before the first −1
  const labels = where(named, target, tensor(0, { dtype: 'int32' }));
  const isRight = named.to(input.dtype).mul(0).scatterAdd(1, labels, named.to(input.dtype)).gt(0);
  const right = input.gather(1, labels).unsqueeze(2); // [N, labels, 1]
  const shortfalls = input.unsqueeze(1).sub(right).add(1).relu(); // [N, labels, classes]
  const counts = named.unsqueeze(2).logicalAnd(isRight.logicalNot().unsqueeze(1));
  return reduce(where(counts, shortfalls, 0).sum([1, 2]).div(classes), reduction);
}
