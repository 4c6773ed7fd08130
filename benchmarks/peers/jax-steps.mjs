// jax-js on one thread. Run: node benchmarks/peers/jax-steps.mjs WORKLOAD [STEPS]
import { setFlagsFromString } from 'node:v8';
import { medianStepMs, report } from '../time-steps.mjs';
import { CLASSES, OPTIMIZERS, WORKLOADS } from '../workloads.mjs';
import peers from './package.json' with { type: 'json' };

setFlagsFromString('--experimental-wasm-relaxed-simd'); // Node 20 has it behind this flag
const { blockUntilReady, defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import('@jax-js/jax');
await init('wasm');
defaultDevice('wasm');

const [workload, steps] = process.argv.slice(2);
const { sizes, batch } = WORKLOADS[workload];
const { lr, momentum } = OPTIMIZERS.sgd;
const layers = sizes.slice(1).map((size, i) => [sizes[i], size]);
const x = uniform([batch, sizes[0]], 1);
const y = nn.oneHot(np.array(Int32Array.from({ length: batch }, (_, i) => i % CLASSES)), CLASSES);
let weights = layers.map(([inputs, outputs]) => ({
  w: uniform([inputs, outputs], inputs),
  b: uniform([outputs], inputs),
}));
let velocity = layers.map(([inputs, outputs]) => ({ w: np.zeros([inputs, outputs]), b: np.zeros([outputs]) }));

// Arrays are counted: each use of one takes it away, unless it is a use of its `ref`.
function loss(network, inputs, targets) {
  const scores = network.reduce((h, { w, b }, i) => np.dot(i === 0 ? h : nn.relu(h), w).add(b), inputs);
  return nn
    .logSoftmax(scores)
    .mul(targets)
    .sum()
    .mul(-1 / batch);
}

const update = jit((network, before, inputs, targets) => {
  const [value, gradient] = valueAndGrad(loss)(tree.ref(network), inputs, targets);
  const after = tree.map((v, g) => v.mul(momentum).add(g), before, gradient);
  return [value, tree.map((w, v) => w.sub(v.mul(lr)), network, tree.ref(after)), after];
});

async function trainingStep() {
  const [value, ...next] = update(weights, velocity, x.ref, y.ref);
  [weights, velocity] = await blockUntilReady(next);
  value.dispose();
}

const ms = await medianStepMs(trainingStep, Number(steps ?? WORKLOADS[workload].steps));
report(`jax-js-${peers.dependencies['@jax-js/jax']}`, workload, batch, ms);

function uniform(shape, fanIn) {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, () => (2 * Math.random() - 1) / Math.sqrt(fanIn));
  return np.array(values).reshape(shape);
}
