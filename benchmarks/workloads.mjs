/**
 * The training steps that are compared. `layers`: sizes of a multi-layer perceptron with ReLU between, or LeNet on 28×28
 * grey images. Cross-entropy over 10 classes; SGD with learning rate 0.01 and momentum 0.9. `steps` are timed at most.
 */
export const WORKLOADS = {
  'mlp-128-b32': { layers: [784, 128, 10], batch: 32, steps: 300 },
  'mlp-512-512-b128': { layers: [784, 512, 512, 10], batch: 128, steps: 100 },
  'lenet-b32': { layers: 'lenet', batch: 32, steps: 100 },
};

export const OPTIMIZER = { lr: 0.01, momentum: 0.9 };
