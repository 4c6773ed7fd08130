import { isRecording, record, type Node } from '../autograd.ts';
import { readsInputs } from '../autograd/versions.ts';
import { block, openBlock, reals } from '../kernels/block.ts';
import { fromTypedArray } from '../create.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { add, mul, sub } from './arithmetic.ts';
import { checkTargets } from './class-targets.ts';
import { eq } from './compare.ts';
import { checkFloat } from './elementwise.ts';
import { scalar } from './fill.ts';
import { sum } from './reduce.ts';
import { reshape, unsqueeze } from './reshape.ts';
import { softmax } from './softmax.ts';
import { where } from './where.ts';

export interface SoftmaxNllOptions {
  /** One factor for each class, [C]. */
  readonly weight?: Tensor | null;
  /** Rows of this class have loss and gradient 0; −100 by default. */
  readonly ignoreIndex?: number;
  /** ε, the share of the target that is spread evenly over all classes; 0 by default. */
  readonly labelSmoothing?: number;
}

interface Saved {
  readonly source: Tensor;
  readonly target: Tensor;
  readonly weight: Tensor | null;
  /** [2, rows]: the largest score, and one over the sum of e to the others minus it. */
  readonly rows: Tensor;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
}

/**
 * Negative log-likelihood of classes under a softmax, in one kernel: with l = ln Σ eˣ over the classes of a row,
 * (1 − ε)·w[t]·(l − x[t]) + ε/C·Σ w[c]·(l − x[c]). x: scores [N, C, ...], target: [N, ...] int32 → losses: [N, ...], and
 * totalWeight: Σ w[t] over the rows that count, a scalar. No probabilities are kept: the gradient computes them anew.
 */
export function softmaxNll(
  x: Tensor,
  target: Tensor,
  { weight = null, ignoreIndex = -100, labelSmoothing = 0 }: SoftmaxNllOptions = {},
): { losses: Tensor; totalWeight: Tensor } {
  checkFloat('softmaxNll', x);
  checkTargets('softmaxNll', x, target, weight, ignoreIndex);
  const losses = Tensor.empty(target.shape, x.dtype);
  const totalWeight = Tensor.empty([], x.dtype);
  const saved: Saved = {
    source: rowMajor(x),
    target: rowMajor(target),
    weight: weight && rowMajor(weight),
    rows: Tensor.empty([2, losses.size], x.dtype),
    ignoreIndex,
    labelSmoothing,
  };
  const kernels = kernelsFor(x.dtype);
  bind(losses.address, totalWeight.address, saved);
  kernels.softmaxNll(block);
  return { losses: record(losses, softmaxNllGradient, [x], saved), totalWeight };
}

/** g·(Σq·softmax(x) − q), with q the weighted target distribution of each row. */
function softmaxNllGradient(grad: Tensor, { inputs: [x], saved }: Node): Tensor[] {
  if (isRecording()) {
    const q = distribution(saved as Saved);
    const scaled = mul(unsqueeze(grad, 1), sum(q, 1, true));
    return [sub(mul(scaled, softmax(x, 1)), mul(unsqueeze(grad, 1), q))];
  }
  const [dx, source] = [Tensor.empty(x.shape, x.dtype), rowMajor(grad)];
  const kernels = kernelsFor(x.dtype);
  bind(dx.address, source.address, saved as Saved);
  kernels.softmaxNllGrad(block);
  return [dx];
}

/** q: [N, C, ...], what each class of each row counts; 0 in rows that are ignored. */
function distribution({ source, target, weight, ignoreIndex, labelSmoothing }: Saved): Tensor {
  const [, classes] = source.shape;
  const alongClasses = [classes, ...source.shape.slice(2).map(() => 1)];
  const own = unsqueeze(target, 1);
  const weights = weight ? weight.detach() : scalar(1, source.dtype);
  const everywhere = mul(weights, labelSmoothing / classes);
  const atTarget = add(mul(weights, 1 - labelSmoothing), everywhere);
  const shaped = (x: Tensor): Tensor => (weight ? reshape(x, alongClasses) : x);
  const numbers = reshape(
    fromTypedArray(
      Int32Array.from({ length: classes }, (_, c) => c),
      [classes],
    ),
    alongClasses,
  );
  const q = where(eq(own, numbers), shaped(atTarget), shaped(everywhere));
  return where(eq(own, ignoreIndex), 0, q);
}

function bind(out: number, other: number, { source, target, weight, rows, ignoreIndex, labelSmoothing }: Saved): void {
  const [n, classes] = source.shape;
  const words = openBlock();
  words[0] = out;
  words[1] = source.address;
  words[2] = target.address;
  words[3] = weight ? weight.address : 0;
  words[4] = n;
  words[5] = classes;
  words[6] = source.size / Math.max(1, n * classes);
  words[7] = ignoreIndex;
  words[8] = other;
  words[9] = rows.address;
  reals[0] = labelSmoothing;
}

readsInputs(softmaxNllGradient);
