import { ShapeError, type Tensor } from '@gradwire/tensor';
import { tokenSequences, type SequenceEnds } from './token-sequences.ts';

/**
 * Share of the sequences that are right from the first token to the last, in [0, 1]. output and target: int32 [N, T], each
 * of its own T. Throws ShapeError for unequal N.
 */
export function exactMatch(ends: SequenceEnds = {}): (output: Tensor, target: Tensor) => number {
  return (output, target) => {
    const [given, wanted] = [output, target].map((tokens) => tokenSequences('exactMatch', tokens, ends));
    if (given!.length !== wanted!.length) {
      throw new ShapeError(`exactMatch: ${given!.length} sequences of the output, but ${wanted!.length} of the target`);
    }
    if (wanted!.length === 0) return 0;
    const right = given!.filter((sequence, i) => sequence.join() === wanted![i]!.join());
    return right.length / wanted!.length;
  };
}
