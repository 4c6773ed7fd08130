/** Networks that read sequences. */
import { Embedding, Linear, LSTM, Module, TransformerEncoder, TransformerEncoderLayer } from '@gradwire/nn';
import { arange } from '@gradwire/tensor';

/** An LSTM over the rows of an image; the output of the last one is classified. x: [N, 28, 28] → [N, 10]. */
export function lstm({ example: [, inputs], hidden }) {
  return new LastStep(inputs, hidden);
}

class LastStep extends Module {
  constructor(inputs, hidden) {
    super();
    this.lstm = new LSTM(inputs, hidden, { batchFirst: true });
    this.fc = new Linear(hidden, 10);
  }

  forward(x) {
    const [outputs] = this.lstm.forward(x);
    return this.fc.forward(outputs.select(1, -1));
  }
}

/** A causal Transformer over characters: pre-norm, GELU, no dropout. Tokens [N, T] → scores of the next, [N, T, vocabulary]. */
export function characterModel(sizes) {
  return new CharacterModel(sizes);
}

class CharacterModel extends Module {
  #places;

  constructor({ vocabulary, context, width, heads, layers }) {
    super();
    this.tokens = new Embedding(vocabulary, width);
    this.positions = new Embedding(context, width);
    const options = { dimFeedforward: 4 * width, dropout: 0, batchFirst: true, normFirst: true, activation: 'gelu' };
    this.encoder = new TransformerEncoder(new TransformerEncoderLayer(width, heads, options), layers);
    this.out = new Linear(width, vocabulary);
    this.#places = arange(context);
  }

  forward(tokens) {
    const x = this.tokens.forward(tokens).add(this.positions.forward(this.#places));
    return this.out.forward(this.encoder.forward(x, { isCausal: true }));
  }
}
