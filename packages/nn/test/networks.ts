import type { Tensor } from '@gradwire/tensor';
import { relu } from '../src/functional.ts';
import { ReLU } from '../src/layers/activations.ts';
import { Conv2d } from '../src/layers/convolution.ts';
import { Flatten } from '../src/layers/flatten.ts';
import { Linear } from '../src/layers/linear.ts';
import { MaxPool2d } from '../src/layers/pooling.ts';
import { Sequential } from '../src/layers/sequential.ts';
import { Module } from '../src/module.ts';

/** LeNet for 28×28 images, as a list of layers. */
export function leNet(): Sequential {
  return new Sequential(
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
  );
}

/** A network with named layers, one inside another module. */
export class NamedNet extends Module {
  readonly conv1 = new Conv2d(1, 2, 3);
  readonly head = new Sequential(new Flatten(), new Linear(2 * 36, 3, { bias: false }));

  forward(x: Tensor): Tensor {
    return this.head.forward(relu(this.conv1.forward(x)));
  }
}
