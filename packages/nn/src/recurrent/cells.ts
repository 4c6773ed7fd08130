import { gru, lstm, rnn, type Tensor } from '@gradwire/tensor';
import { RecurrentCell } from './recurrent-cell.ts';

/** One time step of an RNN: x: [N, inputSize], h: [N, hiddenSize] or none for zeros → the next h. */
export class RNNCell extends RecurrentCell {
  readonly #nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, options: { bias?: boolean; nonlinearity?: 'tanh' | 'relu' } = {}) {
    super(inputSize, hiddenSize, 1, options, { nonlinearity: 'tanh' });
    this.#nonlinearity = options.nonlinearity ?? 'tanh';
  }

  forward(x: Tensor, h?: Tensor | null): Tensor {
    const nonlinearity = this.#nonlinearity;
    return this.run(x, [h], (rows, sizes, [h0], weights) => [rnn(rows, sizes, h0, weights, { nonlinearity })[1]])[0];
  }
}

/** One time step of an LSTM: x: [N, inputSize], h and c: [N, hiddenSize] or none for zeros → the next [h, c]. */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: { bias?: boolean } = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  forward(x: Tensor, h?: Tensor | null, c?: Tensor | null): [h: Tensor, c: Tensor] {
    const step = this.run(x, [h, c], (rows, sizes, [h0, c0], weights) =>
      lstm(rows, sizes, h0, c0, { ...weights, weightHr: null }).slice(1),
    );
    return step as [Tensor, Tensor];
  }
}

/** One time step of a GRU: x: [N, inputSize], h: [N, hiddenSize] or none for zeros → the next h. */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options: { bias?: boolean } = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  forward(x: Tensor, h?: Tensor | null): Tensor {
    return this.run(x, [h], (rows, sizes, [h0], weights) => [gru(rows, sizes, h0, weights)[1]])[0];
  }
}
