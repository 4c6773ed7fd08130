// A bidirectional LSTM that tells praise from blame: `npx gradwire train examples/lstm-sentiment.ts`. With --data DIR on
// the film reviews of SST-2, else on sentences made on the spot, in which "not" turns the meaning of a word around.
import { Vocabulary, countTokens, sequenceDataset, sst2, type LabeledTexts } from '@gradwire/data';
import {
  AdamW,
  Dropout,
  Embedding,
  LSTM,
  Linear,
  Module,
  accuracy,
  crossEntropy,
  packPaddedSequence,
} from '@gradwire/nn';
import { Generator, cat, type Tensor } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

const WORDS = 10_000;
const PADDING = 0;

class SentimentLstm extends Module {
  embedding = new Embedding(WORDS, 64, { paddingIdx: PADDING });
  lstm = new LSTM(64, 64, { bidirectional: true, batchFirst: true });
  dropout = new Dropout(0.3);
  head = new Linear(2 * 64, 2);

  /** Word numbers [N, T] and how many of a row count [N] → scores [N, 2], from the state that each direction ends with. */
  forward(words: Tensor, lengths: Tensor): Tensor {
    const trimmed = words.narrow(1, 0, Math.max(...lengths.data()));
    const vectors = this.dropout.forward(this.embedding.forward(trimmed));
    const packed = packPaddedSequence(vectors, lengths, { batchFirst: true, enforceSorted: false });
    const [, states] = this.lstm.forward(packed);
    return this.head.forward(this.dropout.forward(cat([states.select(0, 0), states.select(0, 1)], 1)));
  }
}

function encoded({ train, test }: { train: LabeledTexts; test: LabeledTexts }) {
  const split = ({ texts }: LabeledTexts) => texts.map((text) => text.split(/\s+/));
  const vocabulary = new Vocabulary(countTokens(split(train)), { minFrequency: 2, maxSize: WORDS });
  const dataset = (set: LabeledTexts) =>
    sequenceDataset(
      split(set).map((words) => vocabulary.encode(words)),
      set.labels,
      { padding: PADDING },
    );
  return { train: dataset(train), test: dataset(test) };
}

const SUBJECTS = ['the film', 'this story', 'the acting', 'every scene', 'the whole script', 'his latest work'];
const ADVERBS = ['', 'really', 'rather', 'always', 'surprisingly', 'so very'];
const GOOD = ['funny', 'moving', 'clever', 'warm', 'gripping', 'brilliant', 'charming', 'fresh'];
const BAD = ['dull', 'shallow', 'clumsy', 'tired', 'lifeless', 'awful', 'boring', 'stale'];

function madeSentences(seed: number, count: number): LabeledTexts {
  const generator = new Generator(seed);
  const oneOf = (list: readonly string[]) => list[Math.floor(generator.uniform() * list.length)];
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const texts = labels.map((label) => {
    const negated = generator.uniform() < 0.4;
    const isGood = (label === 1) !== negated;
    const words = [oneOf(SUBJECTS), negated ? 'is not' : 'is', oneOf(ADVERBS), oneOf(isGood ? GOOD : BAD)];
    return words.filter((word) => word !== '').join(' ');
  });
  return { texts, labels };
}

export default defineTraining({
  data: ({ dir }) => encoded(dir ? sst2(dir) : { train: madeSentences(1, 2000), test: madeSentences(2, 500) }),
  model: () => new SentimentLstm(),
  loss: (model, { x, lengths, y }) => crossEntropy(model.forward(x, lengths), y),
  predict: (model, { x, lengths }) => model.forward(x, lengths),
  metrics: { accuracy },
  optimizer: (parameters) => new AdamW(parameters, { lr: 2e-3 }),
  clipGradNorm: 5,
  epochs: 3,
  batchSize: 64,
});
