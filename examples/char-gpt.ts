// A small GPT over characters: `npx gradwire train examples/char-gpt.ts --threads 2`. With --data DIR on DIR/input.txt
// (tiny Shakespeare, or any text in ASCII), else on sentences that are made up on the spot.
import { CharVocabulary, TokenWindows, synthText, tinyShakespeare } from '@gradwire/data';
import { AdamW, CosineAnnealingLR, GPT, LinearLR, SequentialLR, crossEntropy } from '@gradwire/nn';
import { defineTraining } from 'gradwire';

const vocabulary = CharVocabulary.ascii();
const contextLength = 64;

export default defineTraining({
  data: ({ dir, seed }) => {
    const { train, test } = dir ? tinyShakespeare(dir) : synthText({ seed });
    const windows = (text: string) => new TokenWindows(vocabulary.encode(text), contextLength);
    return { train: windows(train), test: windows(test) };
  },
  model: () => new GPT({ vocabSize: vocabulary.size, contextLength, layers: 4, heads: 4, width: 128, dropout: 0.1 }),
  loss: (model, { x, y }) => crossEntropy(model.forward(x).flatten(0, 1), y.flatten()),
  optimizer: (parameters) => new AdamW(parameters, { lr: 2e-3, betas: [0.9, 0.99], weightDecay: 0.1 }),
  schedule: (optimizer, { totalSteps }) => {
    const warmUp = Math.ceil(totalSteps / 20);
    return new SequentialLR(optimizer, {
      schedulers: [
        new LinearLR(optimizer, { startFactor: 0.05, totalIters: warmUp }),
        new CosineAnnealingLR(optimizer, { tMax: totalSteps - warmUp, etaMin: 2e-4 }),
      ],
      milestones: [warmUp],
    });
  },
  clipGradNorm: 1,
  epochs: 5,
  batchSize: 32, // windows of the whole run, whatever the number of workers
});
