// An autoencoder of handwritten digits: `npx gradwire train examples/autoencoder.ts`. It learns to draw each image again
// from 16 numbers (Hinton & Salakhutdinov 2006). With --data DIR on the real MNIST files, else on drawn digits.
import { mnist, synthDigits } from '@gradwire/data';
import {
  AdamW,
  ConvTranspose2d,
  Conv2d,
  Flatten,
  Linear,
  Module,
  OneCycleLR,
  ReLU,
  Sequential,
  Unflatten,
  mseLoss,
} from '@gradwire/nn';
import type { Tensor } from '@gradwire/tensor';
import { defineTraining } from 'gradwire';

const CODE = 16;

class Autoencoder extends Module {
  encoder = new Sequential(
    new Conv2d(1, 8, 3, { stride: 2, padding: 1 }), // [N, 8, 14, 14]
    new ReLU(),
    new Conv2d(8, 16, 3, { stride: 2, padding: 1 }), // [N, 16, 7, 7]
    new ReLU(),
    new Flatten(),
    new Linear(16 * 7 * 7, CODE),
  );
  decoder = new Sequential(
    new Linear(CODE, 16 * 7 * 7),
    new ReLU(),
    new Unflatten(1, [16, 7, 7]),
    new ConvTranspose2d(16, 8, 4, { stride: 2, padding: 1 }),
    new ReLU(),
    new ConvTranspose2d(8, 1, 4, { stride: 2, padding: 1 }),
  );

  /** Images [N, 1, 28, 28] → the same, drawn from their codes. */
  forward(x: Tensor): Tensor {
    return this.decoder.forward(this.encoder.forward(x));
  }
}

export default defineTraining({
  data: ({ dir }) => (dir ? mnist(dir) : synthDigits()),
  model: () => new Autoencoder(),
  loss: (model, { x }) => mseLoss(model.forward(x), x),
  metrics: {
    /** The share of the pixels' variance that the drawing explains: the images have mean 0 and variance 1. */
    explained: (drawn, _, { x }) => 1 - mseLoss(drawn, x).item() / x.mul(x).mean().item(),
  },
  optimizer: (parameters) => new AdamW(parameters, { lr: 2e-3 }),
  schedule: (optimizer, { totalSteps }) => new OneCycleLR(optimizer, { maxLr: 5e-3, totalSteps }),
  epochs: 5,
  batchSize: 128,
});
