// ResNet-20 on small colour images: `npx gradwire train examples/resnet-cifar.ts --threads 2`. With --data DIR on CIFAR-10,
// else on a few coloured shapes that are drawn on the spot: too few steps to learn them well, enough to see it begin.
import { cifar10, randomCrop, randomHorizontalFlip, synthShapes } from '@gradwire/data';
import { OneCycleLR, SGD, accuracy, crossEntropy, resnetCifar } from '@gradwire/nn';
import { defineTraining } from 'gradwire';

export default defineTraining({
  data: ({ dir }) => (dir ? cifar10(dir) : synthShapes({ trainLength: 1024, testLength: 256 })),
  augment: ({ x, y }) => ({ x: randomHorizontalFlip(randomCrop(x, { padding: 4 })), y }),
  model: () => resnetCifar({ depth: 20 }),
  loss: (model, { x, y }) => crossEntropy(model.forward(x), y, { labelSmoothing: 0.1 }),
  metrics: { accuracy },
  optimizer: (parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
  schedule: (optimizer, { totalSteps }) => new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps }),
  epochs: 6,
  batchSize: 128, // of the whole run, whatever the number of workers
});
