// An LSTM that foretells a time series: `npx gradwire train examples/lstm-forecast.ts`. With --data DIR on two centuries of
// monthly sunspots, else on made-up waves with noise. The test set is the last fifth, which no window to learn from touches.
import { forecastWindows, timeSeries } from '@gradwire/data';
import { AdamW, CosineAnnealingLR, LSTM, Linear, Module, meanAbsoluteError, mseLoss, r2Score } from '@gradwire/nn';
import { Generator, type Tensor } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

const CONTEXT = { contextLength: 132, horizon: 12 }; // eleven years, a cycle of the sun, tell the next year

class Forecaster extends Module {
  lstm = new LSTM(1, 64, { batchFirst: true });
  head = new Linear(64, CONTEXT.horizon);

  /** [N, contextLength, 1] → [N, horizon]: the last value, and how the state that the LSTM ends with departs from it. */
  forward(x: Tensor): Tensor {
    const [outputs] = this.lstm.forward(x);
    return this.head.forward(outputs.select(1, -1)).add(x.select(1, -1));
  }
}

/** The first four fifths to learn from; both in the standard deviations of that part, from its mean. */
function split(values: readonly number[]) {
  const cut = Math.floor(0.8 * values.length);
  const known = values.slice(0, cut);
  const mean = known.reduce((sum, value) => sum + value) / cut;
  const std = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cut);
  const scaled = values.map((value) => (value - mean) / std);
  return { train: forecastWindows(scaled.slice(0, cut), CONTEXT), test: forecastWindows(scaled.slice(cut), CONTEXT) };
}

function waves(length: number): number[] {
  const generator = new Generator(1);
  const wave = (t: number) => Math.sin((2 * Math.PI * t) / 40) * (1 + 0.5 * Math.sin((2 * Math.PI * t) / 310));
  return Array.from({ length }, (_, t) => wave(t) + 0.1 * generator.normal());
}

export default defineTraining({
  data: ({ dir }) => split(dir ? timeSeries('monthly-sunspots.csv', dir) : waves(2000)),
  model: () => new Forecaster(),
  loss: (model, { x, y }) => mseLoss(model.forward(x), y),
  metrics: { r2: r2Score(), meanAbsoluteError: meanAbsoluteError() },
  optimizer: (parameters) => new AdamW(parameters, { lr: 3e-3 }),
  schedule: (optimizer, { totalSteps }) => new CosineAnnealingLR(optimizer, { tMax: totalSteps }),
  clipGradNorm: 1,
  epochs: 10,
  batchSize: 64,
});
