/** BLEU of a corpus: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation". */
import { ShapeError, type Tensor } from '@gradwire/tensor';
import type { SummableMetric } from './summable-metric.ts';
import { tokenSequences, type SequenceEnds } from './token-sequences.ts';

export interface BleuOptions extends SequenceEnds {
  /** What is compared instead of the tokens, such as the words that their sub-words make up. */
  readonly words?: (tokens: readonly number[]) => readonly string[];
  /** Longest run of tokens that is compared; 4 by default. */
  readonly maxN?: number;
}

type Token = number | string;

/**
 * Geometric mean of the shares of n-grams, n = 1 … maxN, that a reference holds, times exp(1 − r/c) where the
 * candidates' length c is below the references' length r (the nearest of each candidate's references; the shorter of
 * two). 0 to 1; 0 where no n-gram of some length is right. `references[i]` are those of `candidates[i]`.
 */
export function corpusBleu<T extends Token>(
  candidates: readonly (readonly T[])[],
  references: readonly (readonly (readonly T[])[])[],
  maxN = 4,
): number {
  candidates.forEach((_, i) => {
    if (!references[i]?.length) throw new ShapeError(`corpusBleu: candidate ${i} has no reference`);
  });
  return bleuOf(
    added(
      candidates.map((candidate, i) => counts(candidate, references[i]!, maxN)),
      maxN,
    ),
  );
}

/** `corpusBleu` of a test set. output: candidates, int32 [N, length]; target: one reference each, int32 [N, length]. */
export function bleu({ words, maxN = 4, ...ends }: BleuOptions = {}): SummableMetric {
  const sequences = (tokens: Tensor): (readonly Token[])[] => {
    const found = tokenSequences('bleu', tokens, ends);
    return words ? found.map((tokens) => words(tokens)) : found;
  };
  return {
    size: 2 + 2 * maxN,
    sums: (output, target) => {
      const references = sequences(target);
      return added(
        sequences(output).map((candidate, i) => counts(candidate, [references[i]!], maxN)),
        maxN,
      );
    },
    value: bleuOf,
  };
}

/** [length, reference length, right 1-grams … maxN-grams, 1-grams … maxN-grams] of one candidate. */
function counts<T extends Token>(
  candidate: readonly T[],
  references: readonly (readonly T[])[],
  maxN: number,
): number[] {
  const right: number[] = [];
  const all: number[] = [];
  for (let n = 1; n <= maxN; n++) {
    const known = references.map((reference) => ngrams(reference, n));
    let matches = 0;
    for (const [gram, count] of ngrams(candidate, n)) {
      matches += Math.min(count, Math.max(...known.map((grams) => grams.get(gram) ?? 0))); // clipped
    }
    right.push(matches);
    all.push(Math.max(candidate.length - n + 1, 0));
  }
  return [candidate.length, nearestLength(candidate.length, references), ...right, ...all];
}

function ngrams(tokens: readonly Token[], n: number): Map<string, number> {
  const grams = new Map<string, number>();
  for (let start = 0; start + n <= tokens.length; start++) {
    const gram = JSON.stringify(tokens.slice(start, start + n));
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function nearestLength(length: number, references: readonly (readonly Token[])[]): number {
  const lengths = references.map((reference) => reference.length).sort((a, b) => a - b);
  return lengths.reduce((best, other) => (Math.abs(other - length) < Math.abs(best - length) ? other : best));
}

function added(parts: readonly (readonly number[])[], maxN: number): number[] {
  const total = new Array<number>(2 + 2 * maxN).fill(0);
  for (const part of parts) part.forEach((count, i) => (total[i]! += count));
  return total;
}

function bleuOf([length, referenceLength, ...grams]: readonly number[]): number {
  const maxN = grams.length / 2;
  const right = grams.slice(0, maxN);
  if (right.includes(0)) return 0;
  const meanLog = right.reduce((sum, count, n) => sum + Math.log(count / grams[maxN + n]!), 0) / maxN;
  return Math.exp(meanLog + Math.min(0, 1 - referenceLength! / length!));
}
