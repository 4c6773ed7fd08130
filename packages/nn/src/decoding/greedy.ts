import { noGrad } from '@gradwire/tensor';
import type { BeamSearchOptions } from './beam-search.ts';

export interface GreedyOptions<State> extends Pick<
  BeamSearchOptions<State>,
  'start' | 'end' | 'maxLength' | 'state' | 'step'
> {
  /** Number of sequences that are decoded side by side. */
  readonly batch: number;
}

/**
 * The most probable next token at every step, for each sequence of a batch, up to `end` or maxLength tokens. Returns the
 * tokens of each sequence without `start` and `end`. A sequence that has ended goes on with `end` until all have.
 */
export function greedyDecode<State>({ start, end, maxLength, state, step, batch }: GreedyOptions<State>): number[][] {
  const sequences = Array.from({ length: batch }, () => [start]);
  const hasEnded = (sequence: readonly number[]): boolean => sequence.length > 1 && sequence.at(-1) === end;
  noGrad(() => {
    for (let length = 0; length < maxLength && !sequences.every(hasEnded); length++) {
      const next = step(sequences, state);
      const tokens = next.logProbs.argmax(1).data();
      sequences.forEach((sequence, i) => sequence.push(hasEnded(sequence) ? end : tokens[i]));
      state = next.state;
    }
  });
  return sequences.map((sequence) => {
    const stop = sequence.indexOf(end, 1);
    return sequence.slice(1, stop < 0 ? undefined : stop);
  });
}
