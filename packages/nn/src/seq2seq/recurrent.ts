import type { Tensor } from '@gradwire/tensor';
import { GRU } from '../recurrent/gru.ts';
import { LSTM } from '../recurrent/lstm.ts';
import type { PackedSequence } from '../recurrent/packed-sequence.ts';
import type { RecurrentOptions } from '../recurrent/recurrent-layer.ts';

/** The recurrent layers of an encoder or a decoder. */
export type Cell = 'LSTM' | 'GRU';

export function recurrentLayer(
  cell: Cell,
  inputSize: number,
  hiddenSize: number,
  options: RecurrentOptions,
): GRU | LSTM {
  return cell === 'GRU' ? new GRU(inputSize, hiddenSize, options) : new LSTM(inputSize, hiddenSize, options);
}

/** The outputs, and the last states as a list: h, and c of an LSTM; none given are zeros. */
export function runRecurrent<X extends Tensor | PackedSequence>(
  rnn: GRU | LSTM,
  x: X,
  states: readonly Tensor[] = [],
): [output: X, states: Tensor[]] {
  const layer = rnn as unknown as { forward(x: X, ...states: readonly Tensor[]): [X, ...Tensor[]] };
  const [output, ...last] = layer.forward(x, ...states);
  return [output, last];
}
