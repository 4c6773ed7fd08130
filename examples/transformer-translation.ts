// German to English by a Transformer: `npx gradwire train examples/transformer-translation.ts --threads 2`. With --data DIR
// on Multi30k (lower-cased tokens), else on sentences of a small grammar. Sub-words are learned from the training texts.
import {
  multi30k,
  padTokens,
  sequencePairDataset,
  synthTranslation,
  trainBpe,
  trimPadding,
  type ParallelTexts,
} from '@gradwire/data';
import {
  Adam,
  CosineAnnealingLR,
  Dropout,
  Embedding,
  LinearLR,
  Module,
  SequentialLR,
  Transformer,
  bleu,
  crossEntropy,
  decodeGreedily,
  init,
  sinusoidalPositionalEncoding,
  type CachedDecodeOptions,
  type DecoderCache,
  type DecoderCacheSize,
} from '@gradwire/nn';
import { linear, type Tensor } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

/** The folder of Multi30k; in every thread. */
const dir = () => process.env['GRADWIRE_DATA'];

const LARGE = { vocabulary: 4000, width: 256, layers: 3, hidden: 512, lr: 7e-4 };
const SMALL = { vocabulary: 200, width: 64, layers: 2, hidden: 128, lr: 4e-3 };
const size = () => (dir() ? LARGE : SMALL);

const LENGTH_MAX = 200;
const [PADDING, START, END] = [0, 1, 2]; // of every BpeTokenizer
/** Tokens of a training sentence, roughly: makes the loss about that of one token. */
const TOKENS = 16;

/** Texts and tokenizer; made once in each thread that needs them. */
const corpus = once(() => {
  const { train, test } = dir() ? multi30k(dir()) : synthTranslation();
  const texts = [...train.sources, ...train.targets];
  return { train, test, tokenizer: trainBpe(texts, { vocabularySize: size().vocabulary }) };
});

function data() {
  const { train, test, tokenizer } = corpus();
  const encoded = (texts: readonly string[]) => texts.map((text) => tokenizer.encode(text));
  const dataset = ({ sources, targets }: ParallelTexts) =>
    sequencePairDataset(encoded(sources), encoded(targets), { start: START, end: END });
  return { train: dataset(train), test: dataset(byLength(test)) };
}

class Translator extends Module {
  embedding: Embedding;
  dropout = new Dropout(0.1);
  transformer: Transformer;
  readonly #width: number;
  readonly #positions: Tensor;

  constructor({ vocabulary, width, layers, hidden }: typeof LARGE) {
    super();
    this.embedding = new Embedding(vocabulary, width, { paddingIdx: PADDING });
    init.normal_(this.embedding.weight, 0, width ** -0.5);
    this.transformer = new Transformer({
      dModel: width,
      nhead: 4,
      numEncoderLayers: layers,
      numDecoderLayers: layers,
      dimFeedforward: hidden,
      dropout: 0.1,
      normFirst: true,
      batchFirst: true,
    });
    this.#width = width;
    this.#positions = sinusoidalPositionalEncoding({ maxLen: LENGTH_MAX, dModel: width });
  }

  /** Tokens [N, L], the first at the place `from` → [N, L, width]. */
  embed(tokens: Tensor, from = 0): Tensor {
    const positions = this.#positions.narrow(0, from, tokens.shape[1]!);
    return this.dropout.forward(this.embedding.forward(tokens).mul(Math.sqrt(this.#width)).add(positions));
  }

  encode(source: Tensor): Tensor {
    return this.transformer.encoder.forward(this.embed(source), { srcKeyPaddingMask: source.eq(PADDING) });
  }

  /** Tokens [N, L] that follow those in the cache, and what `encode` gives [N, S, width] → scores of each next token. */
  decode(tokens: Tensor, memory: Tensor, options: CachedDecodeOptions): Tensor {
    const embedded = this.embed(tokens, options.cache?.length);
    const states = this.transformer.decoder.forward(embedded, memory, { ...options, tgtIsCausal: true });
    return linear(states, this.embedding.weight); // the same table (Press & Wolf 2017)
  }

  newCache(size: DecoderCacheSize): DecoderCache {
    return this.transformer.decoder.newCache(size);
  }

  forward(source: Tensor, target: Tensor): Tensor {
    return this.decode(target, this.encode(source), { memoryKeyPaddingMask: source.eq(PADDING) });
  }
}

/** The most probable token at each place: [N, longest] int32. */
function translate(model: Translator, source: Tensor): Tensor {
  const maxLength = Math.min(source.shape[1]! + 20, LENGTH_MAX - 1);
  const limits = { start: START, end: END, maxLength, memoryKeyPaddingMask: source.eq(PADDING) };
  const sequences = decodeGreedily(model, model.encode(source), limits);
  return padTokens(sequences.map((sequence) => [...sequence, END])).tokens;
}

export default defineTraining({
  data,
  model: () => new Translator(size()),
  loss: (model, { x, xLengths, y, yLengths }) => {
    const [source, target] = [trimPadding(x, xLengths), trimPadding(y, yLengths)];
    const length = target.shape[1]! - 1;
    const scores = model.forward(source, target.narrow(1, 0, length));
    const losses = crossEntropy(scores.flatten(0, 1), target.narrow(1, 1, length).flatten(), {
      ignoreIndex: PADDING,
      labelSmoothing: model.training ? 0.1 : 0,
      reduction: 'sum',
    });
    return losses.div(TOKENS * source.shape[0]!);
  },
  predict: (model, { x, xLengths }) => translate(model, trimPadding(x, xLengths)),
  metrics: {
    bleu: bleu({ words: (tokens) => corpus().tokenizer.decode(tokens).split(' '), end: END, padding: PADDING }),
  },
  optimizer: (parameters) => new Adam(parameters, { lr: size().lr, betas: [0.9, 0.98], eps: 1e-9 }),
  schedule: (optimizer, { totalSteps }) => {
    const warmUp = Math.min(400, Math.ceil(totalSteps / 10));
    return new SequentialLR(optimizer, {
      schedulers: [
        new LinearLR(optimizer, { startFactor: 0.01, totalIters: warmUp }),
        new CosineAnnealingLR(optimizer, { tMax: totalSteps - warmUp, etaMin: 1e-5 }),
      ],
      milestones: [warmUp],
    });
  },
  clipGradNorm: 1,
  epochs: 10,
  batchSize: 64,
});

function byLength({ sources, targets }: ParallelTexts): ParallelTexts {
  const order = sources.map((_, i) => i).sort((a, b) => sources[a]!.length - sources[b]!.length);
  return { sources: order.map((i) => sources[i]!), targets: order.map((i) => targets[i]!) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
