/**
 * The ten training steps that are compared: plain data, so that every system can read it. `networks/` builds them.
 *
 * `example` is the shape of one input, random numbers with one of 10 classes as target; a character model reads `context`
 * tokens out of `vocabulary` instead and predicts one for each. `batch` is that of a whole step, whatever the number of
 * threads. The loss is cross-entropy. At most `steps` steps are timed.
 */
export const WORKLOADS = {
  'mlp-128-b32': perceptron([784, 128, 10], 32, 300),
  'mlp-128-b128': perceptron([784, 128, 10], 128, 300),
  'mlp-512-512-b128': perceptron([784, 512, 512, 10], 128, 100),
  'lenet-b32': { network: 'lenet', example: [1, 28, 28], batch: 32, steps: 100, optimizer: 'sgd' },
  'lenet-b128': { network: 'lenet', example: [1, 28, 28], batch: 128, steps: 40, optimizer: 'sgd' },
  'cnn-32-64-b32': { network: 'cnn', example: [1, 28, 28], batch: 32, steps: 15, optimizer: 'sgd' },
  'resnet20-b32': { network: 'resnet20', example: [3, 32, 32], batch: 32, steps: 8, optimizer: 'sgd' },
  'lstm-128-b64': { network: 'lstm', example: [28, 28], hidden: 128, batch: 64, steps: 30, optimizer: 'sgd' },
  'charlm-d128-l2-t64-b16': characterModel({ width: 128, heads: 4, layers: 2, context: 64 }, 16, 20),
  'charlm-d256-l4-t128-b8': characterModel({ width: 256, heads: 8, layers: 4, context: 128 }, 8, 6),
};

/** Options of the optimizers by the name that a workload gives. */
export const OPTIMIZERS = { sgd: { lr: 0.01, momentum: 0.9 }, adamw: { lr: 1e-3 } };

export const CLASSES = 10;

function perceptron(sizes, batch, steps) {
  return { network: 'perceptron', example: [sizes[0]], sizes, batch, steps, optimizer: 'sgd' };
}

function characterModel(sizes, batch, steps) {
  return { network: 'characterModel', vocabulary: 65, ...sizes, batch, steps, optimizer: 'adamw' };
}
