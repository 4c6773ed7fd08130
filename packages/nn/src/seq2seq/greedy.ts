import { fromTypedArray, full, GradwireError, type Tensor } from '@gradwire/tensor';
import type { BeamSearchLimits } from '../decoding/beam-search.ts';
import { indexTensor } from '../recurrent/packed-sequence.ts';
import { decodeStep } from './decode-step.ts';
import { pickSequences, type DecoderState } from './decoder-state.ts';
import type { Seq2SeqDecoder } from './decoder.ts';

export type Seq2SeqGreedyOptions = Pick<BeamSearchLimits, 'start' | 'end' | 'maxLength'>;

/**
 * tokens: [N, T] int32 without `start`, `end` from each sequence's end to T, the longest one; weights: of attention,
 * [N, T, S] float32, 0 behind the end, null without attention.
 */
export interface GreedyDecoded {
  readonly tokens: Tensor;
  readonly weights: Tensor | null;
}

/** One token of each sequence that has not ended: those of `rows`. */
interface Step {
  readonly rows: readonly number[];
  readonly tokens: ArrayLike<number>;
  readonly weights: ArrayLike<number> | null;
}

/**
 * The most probable next token at every step, for all sequences of a state at once; those that have ended leave the
 * batch. Throws GradwireError ERR_OPTION for a maxLength that is none.
 */
export function greedyTokens(
  decoder: Seq2SeqDecoder,
  state: DecoderState,
  { start, end, maxLength }: Seq2SeqGreedyOptions,
): GreedyDecoded {
  if (!(Number.isInteger(maxLength) && maxLength >= 1)) {
    throw new GradwireError('ERR_OPTION', `greedyDecode: maxLength must be a whole number from 1, got ${maxLength}`);
  }
  const [N, S] = state.memory.shape;
  const steps: Step[] = [];
  let rows = Array.from({ length: N }, (_, row) => row);
  let input = full([N, 1], start, { dtype: 'int32' });
  while (rows.length > 0 && steps.length < maxLength) {
    const next = decodeStep(decoder, input, state, (logits) => logits.argmax(2));
    [input, state] = [next.result, next.state];
    const tokens = input.data();
    steps.push({ rows, tokens, weights: next.weights?.data() ?? null });
    const open = rows.map((_, i) => i).filter((i) => tokens[i] !== end);
    if (open.length < rows.length) {
      rows = open.map((i) => rows[i]);
      state = pickSequences(state, open);
      input = input.indexSelect(0, indexTensor(open));
    }
  }
  return { tokens: tokenTable(steps, N, end), weights: decoder.attention && weightTable(steps, N, S) };
}

function tokenTable(steps: readonly Step[], N: number, end: number): Tensor {
  const T = steps.length;
  const table = new Int32Array(N * T).fill(end);
  steps.forEach(({ rows, tokens }, t) => rows.forEach((row, i) => (table[row * T + t] = tokens[i])));
  return fromTypedArray(table, [N, T]);
}

function weightTable(steps: readonly Step[], N: number, S: number): Tensor {
  const T = steps.length;
  const table = new Float32Array(N * T * S);
  steps.forEach(({ rows, weights }, t) => {
    rows.forEach((row, i) => {
      for (let s = 0; s < S; s++) table[(row * T + t) * S + s] = weights![i * S + s];
    });
  });
  return fromTypedArray(table, [N, T, S]);
}
