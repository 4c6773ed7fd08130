// Two LSTMs and attention that read a date as people write it, "Tuesday the fifth of March 2019", and write 2019-03-05,
// character by character: `npx gradwire train examples/seq2seq-dates.ts --threads 2`. The dates are made on the spot.
import {
  CharVocabulary,
  TensorDataset,
  padTokens,
  synthDates,
  trimPadding,
  type Batch,
  type ParallelTexts,
} from '@gradwire/data';
import { AdamW, OneCycleLR, Seq2Seq, Seq2SeqDecoder, Seq2SeqEncoder, crossEntropy, exactMatch } from '@gradwire/nn';
import type { Tensor } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

/** Number 0 pads: the line end, which no date has, and "_". A date in ISO form begins behind "^" and ends with "$". */
export const written = CharVocabulary.ascii();
export const iso = new CharVocabulary('_^$-0123456789');
const PADDING = 0;
const [START, END] = iso.encode('^$');

interface DateBatch extends Batch {
  readonly x: Tensor;
  readonly lengths: Tensor;
  /** The targets y, one token late. */
  readonly targetInput: Tensor;
  readonly y: Tensor;
}

function dataset({ sources, targets }: ParallelTexts): TensorDataset<DateBatch> {
  const { tokens: x, lengths } = padTokens(sources.map((text) => written.encode(text)));
  const { tokens: targetInput } = padTokens(targets.map((date) => iso.encode(`^${date}`)));
  const { tokens: y } = padTokens(targets.map((date) => iso.encode(`${date}$`)));
  return new TensorDataset<DateBatch>({ x, lengths, targetInput, y });
}

export default defineTraining({
  data: ({ seed }) => {
    const { train, test } = synthDates({ seed });
    return { train: dataset(train), test: dataset(test) };
  },
  model: () =>
    new Seq2Seq(
      new Seq2SeqEncoder(written.size, 32, 128, { bidirectional: true, paddingIdx: PADDING }),
      new Seq2SeqDecoder(iso.size, 32, 128, { attention: 'general', paddingIdx: PADDING }),
    ),
  loss: (model, batch) => {
    const logits = model.forward(trimPadding(batch.x, batch.lengths), batch.lengths, batch.targetInput);
    return crossEntropy(logits.flatten(0, 1), batch.y.flatten(), { ignoreIndex: PADDING });
  },
  predict: (model, batch) =>
    model.greedyDecode(trimPadding(batch.x, batch.lengths), batch.lengths, { start: START, end: END, maxLength: 12 })
      .tokens,
  metrics: { exactMatch: exactMatch({ end: END }) },
  optimizer: (parameters) => new AdamW(parameters, { lr: 6e-3 }),
  schedule: (optimizer, { totalSteps }) => new OneCycleLR(optimizer, { maxLr: 6e-3, totalSteps }),
  clipGradNorm: 1,
  epochs: 4,
  batchSize: 64,
});
