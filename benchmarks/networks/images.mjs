/** Convolutional networks for small images. */
import {
  AdaptiveAvgPool2d,
  BasicBlock,
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '@gradwire/nn';
import { linears } from './perceptron.mjs';

/** LeNet on 1 × 28 × 28: 5 × 5 convolutions of 6 and 16 filters, each pooled, then 400 → 120 → 84 → 10. */
export function lenet() {
  return new Sequential(
    new Conv2d(1, 6, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    ...linears([400, 120, 84, 10]),
  );
}

/** On 1 × 28 × 28: 3 × 3 convolutions of 32 and 64 filters, pooled once, then 9,216 → 128 → 10. */
export function cnn() {
  return new Sequential(
    new Conv2d(1, 32, 3),
    new ReLU(),
    new Conv2d(32, 64, 3),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    ...linears([9216, 128, 10]),
  );
}

/** ResNet-20 on 3 × 32 × 32: three stages of three blocks; where the shape changes, the shortcut is a 1 × 1 convolution. */
export function resnet20() {
  const stage = (inChannels, channels, stride) => [
    new BasicBlock(inChannels, channels, stride),
    new BasicBlock(channels, channels),
    new BasicBlock(channels, channels),
  ];
  return new Sequential(
    new Conv2d(3, 16, 3, { padding: 1, bias: false }),
    new BatchNorm2d(16),
    new ReLU({ inplace: true }),
    ...stage(16, 16, 1),
    ...stage(16, 32, 2),
    ...stage(32, 64, 2),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Linear(64, 10),
  );
}
