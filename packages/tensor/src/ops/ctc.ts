import { record, type Node } from '../autograd.ts';
import { readsNothing } from '../autograd/versions.ts';
import { fromTypedArray } from '../create.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { alignments, occupancies, type Lattice, type Sequence } from './ctc-lattice.ts';
import { checkFloat } from './elementwise.ts';

export interface CtcOptions {
  /** The class that stands for no label; 0 unless given. */
  readonly blank?: number;
  /** Whether a sequence too short for its labels has the loss and the gradient 0, instead of ∞ and NaN. */
  readonly zeroInfinity?: boolean;
}

interface Saved {
  readonly sequences: readonly Sequence[];
  readonly lattices: readonly Lattice[];
  readonly zeroInfinity: boolean;
}

/**
 * Connectionist temporal classification (Graves et al. 2006): −ln of the probability of all ways in which inputLengths[n]
 * steps spell the labels of sequence n, with blanks between them and labels held. logProbs: [T, N, C], log-probabilities;
 * targets: int32, [N, S] padded, or all labels one behind the other; the lengths: N whole numbers each → losses [N].
 *
 * As in PyTorch the gradient is that of scores whose log-softmax logProbs is: eˡᵒᵍᴾʳᵒᵇˢ − share of the alignments, so that
 * it adds up to 0 over the classes. Throws ShapeError for lengths or labels that do not fit, DTypeError for other types.
 */
export function ctc(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: readonly number[],
  targetLengths: readonly number[],
  { blank = 0, zeroInfinity = false }: CtcOptions = {},
): Tensor {
  checkFloat('ctc', logProbs);
  if (logProbs.rank !== 3) throw new ShapeError(`ctc: logProbs must be [T, N, C], got ${show(logProbs.shape)}`);
  const [steps, batch, classes] = logProbs.shape;
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
    throw new ShapeError(`ctc: blank ${blank} is no class; there are ${classes} classes, 0 to ${classes - 1}`);
  }
  checkLengths('inputLengths', inputLengths, batch, steps);
  const labels = labelsOf(targets, targetLengths, batch, classes);
  const logp = Float64Array.from(logProbs.data());
  const sequences = inputLengths.map((length, n): Sequence => {
    return { logp, start: n * classes, stride: batch * classes, steps: length, labels: labels[n], blank };
  });
  const lattices = sequences.map(alignments);
  const losses = lattices.map(({ logTotal }) => (zeroInfinity && logTotal === -Infinity ? 0 : -logTotal));
  const out = fromTypedArray(Float64Array.from(losses), [batch], { dtype: logProbs.dtype });
  return record(out, ctcGradient, [logProbs], { sequences, lattices, zeroInfinity } satisfies Saved);
}
function ctcGradient(grad: Tensor, { inputs: [logProbs], saved }: Node): Tensor[] {
  const { sequences, lattices, zeroInfinity } = saved as Saved;
  const [dlogp, scales] = [new Float64Array(logProbs.size), grad.data()];
  const classes = logProbs.shape[2];
  sequences.forEach((sequence, n) => {
    const { logp, start, stride, steps } = sequence;
    const isPossible = lattices[n].logTotal > -Infinity;
    if (!isPossible && zeroInfinity) return;
    for (let t = 0; t < steps; t++) {
      const row = start + t * stride;
      for (let place = row; place < row + classes; place++) {
        dlogp[place] = isPossible ? scales[n] * Math.exp(logp[place]) : NaN;
      }
    }
    occupancies(sequence, lattices[n], (place, logShare) => (dlogp[place] -= scales[n] * Math.exp(logShare)));
  });
  return [fromTypedArray(dlogp, logProbs.shape, { dtype: logProbs.dtype })];
}

function checkLengths(name: string, lengths: readonly number[], batch: number, most: number): void {
  if (lengths.length === batch && lengths.every((n) => Number.isInteger(n) && n >= 0 && n <= most)) return;
  throw new ShapeError(
    `ctc: ${name} ${show(lengths)} must be ${batch} whole numbers from 0 to ${most}, one for each sequence`,
  );
}

/** The labels of each sequence, checked. */
function labelsOf(targets: Tensor, lengths: readonly number[], batch: number, classes: number): ArrayLike<number>[] {
  if (targets.dtype !== 'int32') throw new DTypeError(`ctc: targets are classes (int32), got ${targets.dtype}`);
  const isPadded = targets.rank === 2;
  checkLengths('targetLengths', lengths, batch, isPadded ? targets.shape[1] : targets.size);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (isPadded ? targets.shape[0] !== batch : targets.rank !== 1 || targets.size !== total) {
    throw new ShapeError(
      `ctc: targets ${show(targets.shape)} must be [${batch}, S], or [${total}], the labels of all sequences one behind the other`,
    );
  }
  const all = targets.data();
  let start = 0;
  return lengths.map((length, n) => {
    const from = isPadded ? n * targets.shape[1] : start;
    start += length;
    const labels = all.subarray(from, from + length);
    const wrong = labels.find((label) => label < 0 || label >= classes);
    if (wrong === undefined) return labels;
    throw new ShapeError(`ctc: label ${wrong} of sequence ${n} is no class; there are ${classes} classes`);
  });
}

readsNothing(ctcGradient);
