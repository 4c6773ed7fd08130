import { GradwireError, type Tensor } from '@gradwire/tensor';
import { GRU } from '../recurrent/gru.ts';
import { LSTM } from '../recurrent/lstm.ts';
import type { PackedSequence } from '../recurrent/packed-sequence.ts';
import type { RecurrentOptions } from '../recurrent/recurrent-layer.ts';

/** The kind of recurrent layer of an encoder or a decoder. */
export type Cell = 'LSTM' | 'GRU';

/** Throws GradwireError ERR_OPTION for another kind of cell. */
export function recurrentLayer(
  cell: Cell,
  inputSize: number,
  hiddenSize: number,
  options: RecurrentOptions,
): GRU | LSTM {
  if (cell === 'LSTM') return new LSTM(inputSize, hiddenSize, options);
  if (cell === 'GRU') return new GRU(inputSize, hiddenSize, options);
  throw new GradwireError('ERR_OPTION', `Seq2Seq: cell must be 'LSTM' or 'GRU', got ${JSON.stringify(cell)}`);
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
