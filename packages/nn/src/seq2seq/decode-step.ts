import { step, type Tensor } from '@gradwire/tensor';
import type { DecoderState } from './decoder-state.ts';
import type { Seq2SeqDecoder } from './decoder.ts';

export interface DecodedStep {
  readonly result: Tensor;
  readonly weights: Tensor | null;
  readonly state: DecoderState;
}

/** One step of a search: the memory of all but `of(logits)`, the weights and the state is given back at once. */
export function decodeStep(
  decoder: Seq2SeqDecoder,
  tokens: Tensor,
  before: DecoderState,
  of: (logits: Tensor) => Tensor,
): DecodedStep {
  const [result, weights, fed, ...states] = step((): [Tensor, Tensor | null, Tensor | null, ...Tensor[]] => {
    const { logits, weights, state } = decoder.forward(tokens, before);
    return [of(logits), weights, state.fed, ...state.states];
  });
  return { result, weights, state: { ...before, fed, states } };
}
