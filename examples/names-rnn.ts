// A GRU that learns to spell given names, letter by letter: `npx gradwire train examples/names-rnn.ts`. With --data DIR on
// the 32,033 names of names.txt, else on names put together from syllables.
import { TensorDataset, names, padTokens, splitNames, type LabeledBatch } from '@gradwire/data';
import { AdamW, Embedding, GRU, Linear, Module, crossEntropy, type SummableMetric } from '@gradwire/nn';
import { Generator, type Tensor } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

/** Letters are numbered 1 to 26; EDGE stands before the first letter and behind the last one. */
const EDGE = 0;
const SYMBOLS = 27;
/** Targets that count for nothing, as crossEntropy has it. */
const IGNORED = -100;

class NamesRnn extends Module {
  embedding = new Embedding(SYMBOLS, 32);
  gru = new GRU(32, 128, { batchFirst: true });
  head = new Linear(128, SYMBOLS);

  /** Symbols [N, T] → scores of each next symbol [N, SYMBOLS, T]. */
  forward(symbols: Tensor): Tensor {
    const [outputs] = this.gru.forward(this.embedding.forward(symbols));
    return this.head.forward(outputs).transpose(1, 2);
  }
}

function spelled(list: readonly string[]): TensorDataset<LabeledBatch> {
  const letters = list.map((name) => Array.from(name, (letter) => letter.charCodeAt(0) - 96));
  const { tokens: x } = padTokens(letters.map((row) => [EDGE, ...row]));
  const { tokens: y } = padTokens(
    letters.map((row) => [...row, EDGE]),
    { padding: IGNORED },
  );
  return new TensorDataset<LabeledBatch>({ x, y });
}

const STARTS = ['', 'b', 'd', 'f', 'g', 'j', 'k', 'l', 'm', 'n', 'r', 's', 't', 'v', 'z', 'br', 'cl', 'st'];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ia', 'ee'];
const ENDS = ['', '', 'n', 'l', 'r', 's', 'th'];

function madeNames(count: number): string[] {
  const generator = new Generator(1);
  const oneOf = (list: readonly string[]) => list[Math.floor(generator.uniform() * list.length)];
  return Array.from(
    { length: count },
    () => oneOf(STARTS) + oneOf(VOWELS) + oneOf(STARTS) + oneOf(VOWELS) + oneOf(ENDS),
  );
}

/** exp of the mean loss of a letter, over the whole test set; 27 is guessing. */
const perplexity: SummableMetric = {
  size: 2,
  sums: (scores, y) => {
    const nats = crossEntropy(scores, y, { reduction: 'sum' }).item();
    return [nats, y.data().filter((symbol) => symbol !== IGNORED).length];
  },
  value: ([nats, letters]) => Math.exp(nats / letters),
};

export default defineTraining({
  data: ({ dir }) => {
    const { train, test } = dir ? names(dir) : splitNames(madeNames(4000));
    return { train: spelled(train), test: spelled(test) };
  },
  model: () => new NamesRnn(),
  // Nats for a name, not for a letter: an average over names, so that it can be shared between workers exactly.
  loss: (model, { x, y }) => crossEntropy(model.forward(x), y, { reduction: 'sum' }).div(x.shape[0]),
  metrics: { perplexity },
  optimizer: (parameters) => new AdamW(parameters, { lr: 3e-3 }),
  clipGradNorm: 5,
  epochs: 3,
  batchSize: 64,
});
