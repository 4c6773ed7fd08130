import { ctc, fromTypedArray, type CtcOptions, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';
import type { Lengths } from '../recurrent/packed-sequence.ts';
import { reduce, type Reduction } from './reduction.ts';

export interface CtcLossOptions extends CtcOptions {
  /** 'mean' divides each loss by the number of its labels (1 for none) before the mean over the sequences. */
  readonly reduction?: Reduction;
}

/**
 * Connectionist temporal classification (Graves et al. 2006) of sequences whose alignment with their labels is not known.
 * logProbs: [T, N, C], log-probabilities of each step, or [T, C] for one sequence; targets: int32, [N, S] padded, or all
 * labels one behind the other; inputLengths and targetLengths: how much of each counts, [N]. Throws ShapeError, DTypeError.
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths | number,
  targetLengths: Lengths | number,
  { reduction = 'mean', ...options }: CtcLossOptions = {},
): Tensor {
  const batched = logProbs.rank === 2 ? logProbs.unsqueeze(1) : logProbs;
  const [steps, labels] = [numbersOf(inputLengths), numbersOf(targetLengths)];
  const losses = ctc(batched, targets, steps, labels, options);
  if (reduction === 'mean') {
    const counts = fromTypedArray(
      Float64Array.from(labels, (n) => Math.max(n, 1)),
      [labels.length],
    );
    return losses.div(counts.to(losses.dtype)).mean();
  }
  return reduce(batched === logProbs ? losses : losses.squeeze(0), reduction);
}

/** ctcLoss with options that are fixed when it is made. */
export class CTCLoss extends Module {
  readonly options: CtcLossOptions;

  constructor(options: CtcLossOptions = {}) {
    super();
    this.options = this.withDefaults(options, { blank: 0, reduction: 'mean', zeroInfinity: false });
  }

  forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths | number, targetLengths: Lengths | number): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}

function numbersOf(lengths: Lengths | number): number[] {
  if (typeof lengths === 'number') return [lengths];
  return Array.from('data' in lengths ? lengths.data() : lengths);
}
