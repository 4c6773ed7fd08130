// One thread of Gradwire. Run: node benchmarks/gradwire-steps.mjs WORKLOAD …
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, SGD, Sequential, crossEntropy } from '@gradwire/nn';
import { Generator, kernelVariant, step } from '@gradwire/tensor';
import { medianStepMs, report } from './time-steps.mjs';
import { OPTIMIZER, WORKLOADS } from './workloads.mjs';

for (const workload of process.argv.slice(2)) {
  const { layers, batch, steps } = WORKLOADS[workload];
  const model = layers === 'lenet' ? lenet() : perceptron(layers);
  const generator = new Generator(0);
  const x = generator.randn(layers === 'lenet' ? [batch, 1, 28, 28] : [batch, layers[0]]);
  const y = generator.randint(0, 10, [batch]);
  const optimizer = new SGD(model.parameters(), OPTIMIZER);
  const trainingStep = () =>
    step(() => {
      optimizer.zeroGrad();
      crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    });
  report(`gradwire-wasm-${kernelVariant()}`, workload, batch, await medianStepMs(trainingStep, steps));
}

function perceptron(sizes) {
  const linears = sizes.slice(1).map((size, i) => new Linear(sizes[i], size));
  return new Sequential(...linears.flatMap((linear, i) => (i === 0 ? [linear] : [new ReLU(), linear])));
}

function lenet() {
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
