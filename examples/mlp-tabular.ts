// House prices from a table: `npx gradwire train examples/mlp-tabular.ts`. With --data DIR on the districts of California,
// else on a table made up after Friedman (1991), in which only five of the columns count.
import { TensorDataset, californiaHousing, type LabeledBatch } from '@gradwire/data';
import {
  AdamW,
  BatchNorm1d,
  Dropout,
  Linear,
  OneCycleLR,
  ReLU,
  Sequential,
  huberLoss,
  meanAbsoluteError,
  r2Score,
} from '@gradwire/nn';
import { Generator, fromTypedArray } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

const COLUMNS = 13; // eight numbers and five kinds of place in California's table

/** y = (10 sin(π·x0·x1) + 20 (x2 − ½)² + 10 x3 + 5 x4 + noise)/5, every x uniform in [0, 1). */
function friedman(seed: number, rows: number) {
  const generator = new Generator(seed);
  const x = generator.rand([rows, COLUMNS]);
  const columns = Array.from({ length: 5 }, (_, c) => x.select(1, c).data());
  const y = Float32Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d, e] = columns.map((column) => column[row]!) as [number, number, number, number, number];
    return (10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + generator.normal()) / 5;
  });
  return new TensorDataset<LabeledBatch>({ x, y: fromTypedArray(y, [rows, 1]) });
}

const hidden = (inputs: number, outputs: number) => [
  new Linear(inputs, outputs),
  new BatchNorm1d(outputs),
  new ReLU(),
  new Dropout(0.1),
];

export default defineTraining({
  data: ({ dir }) => (dir ? californiaHousing(dir) : { train: friedman(1, 8000), test: friedman(2, 2000) }),
  model: () => new Sequential(...hidden(COLUMNS, 128), ...hidden(128, 64), new Linear(64, 1)),
  loss: (model, { x, y }) => huberLoss(model.forward(x), y),
  metrics: { r2: r2Score(), meanAbsoluteError: meanAbsoluteError() },
  optimizer: (parameters) => new AdamW(parameters, { lr: 2e-3 }),
  schedule: (optimizer, { totalSteps }) => new OneCycleLR(optimizer, { maxLr: 1e-2, totalSteps }),
  epochs: 20,
  batchSize: 128,
});
