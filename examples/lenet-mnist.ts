// LeNet on handwritten digits: `npx gradwire train examples/lenet-mnist.ts --nproc 2`. With --data DIR on the real MNIST
// files, else on digits that are drawn on the spot.
import { mnist, synthDigits } from '@gradwire/data';
import {
  AdamW,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  OneCycleLR,
  ReLU,
  Sequential,
  accuracy,
  crossEntropy,
} from '@gradwire/nn';
import { defineTraining } from 'gradwire';

export default defineTraining({
  data: ({ dir }) => (dir ? mnist(dir) : synthDigits()),
  model: () =>
    new Sequential(
      new Conv2d(1, 6, 5, { padding: 2 }),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(6, 16, 5),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(400, 120),
      new ReLU(),
      new Linear(120, 84),
      new ReLU(),
      new Linear(84, 10),
    ),
  loss: (model, { x, y }) => crossEntropy(model.forward(x), y),
  metrics: { accuracy },
  optimizer: (parameters) => new AdamW(parameters, { lr: 2e-3 }),
  schedule: (optimizer, { totalSteps }) => new OneCycleLR(optimizer, { maxLr: 6e-3, totalSteps }),
  epochs: 3,
  batchSize: 128, // of the whole run, whatever the number of workers
});
