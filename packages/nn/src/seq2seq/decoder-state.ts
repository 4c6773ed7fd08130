import type { Tensor } from '@gradwire/tensor';
import { indexTensor } from '../recurrent/packed-sequence.ts';

/** Where a decoder stands in N sequences. */
export interface DecoderState {
  /** Of the recurrent layer: h, and for an LSTM c, [numLayers, N, hiddenSize]. */
  readonly states: readonly Tensor[];
  /** The features of the token before, [N, hiddenSize], for input feeding; else null. */
  readonly fed: Tensor | null;
  /** The encoder's outputs [N, S, hiddenSize], their keys, and the mask of padding [N, S]. */
  readonly memory: Tensor;
  readonly keys: Tensor | null;
  readonly mask: Tensor | null;
}

/** The sequences of `rows` alone, in their order: row i of the result is row rows[i]. */
export function pickSequences(
  { states, fed, memory, keys, mask }: DecoderState,
  rows: readonly number[],
): DecoderState {
  const index = indexTensor(rows);
  const picked = (tensor: Tensor | null): Tensor | null => tensor && tensor.indexSelect(0, index);
  return {
    states: states.map((state) => state.indexSelect(1, index)),
    fed: picked(fed),
    memory: picked(memory)!,
    keys: picked(keys),
    mask: picked(mask),
  };
}
