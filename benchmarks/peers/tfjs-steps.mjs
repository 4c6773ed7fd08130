// One thread of TensorFlow.js. Run: node benchmarks/peers/tfjs-steps.mjs wasm|cpu WORKLOAD …
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { fileURLToPath } from 'node:url';
import { medianStepMs, report } from '../time-steps.mjs';
import { OPTIMIZER, WORKLOADS } from '../workloads.mjs';

const [backend, ...workloads] = process.argv.slice(2);
setWasmPaths(fileURLToPath(new URL('node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)));
setThreadsCount(1);
await tf.setBackend(backend);
const system = `tfjs-${backend}-${tf.version.tfjs}`;

for (const workload of workloads) {
  try {
    await measure(workload);
  } catch (error) {
    const [firstLine] = error.message.split('\n');
    console.log(JSON.stringify({ system, workload, error: `cannot train: ${firstLine}` }));
  }
}

async function measure(workload) {
  const { layers, batch, steps } = WORKLOADS[workload];
  const forward = layers === 'lenet' ? lenet() : perceptron(layers);
  const x = tf.randomNormal(layers === 'lenet' ? [batch, 28, 28, 1] : [batch, layers[0]]);
  const y = tf.oneHot(tf.randomUniform([batch], 0, 10, 'int32'), 10);
  const optimizer = tf.train.momentum(OPTIMIZER.lr, OPTIMIZER.momentum);
  const trainingStep = async () => {
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward(x)), true);
    await loss.data(); // so that all of the step has been computed
    loss.dispose();
  };
  report(system, workload, batch, await medianStepMs(trainingStep, steps));
}

function perceptron(sizes) {
  const layers = sizes.slice(1).map((size, i) => linear(sizes[i], size));
  return (x) => layers.reduce((h, layer, i) => layer(i === 0 ? h : tf.relu(h)), x);
}

/** Images are [batch, height, width, channels], the layout that TensorFlow.js computes in. */
function lenet() {
  const conv1 = convolution(1, 6, 'same');
  const conv2 = convolution(6, 16, 'valid');
  const classify = perceptron([400, 120, 84, 10]);
  const pool = (h) => tf.maxPool(h, 2, 2, 'valid');
  return (x) => classify(tf.reshape(pool(tf.relu(conv2(pool(tf.relu(conv1(x)))))), [x.shape[0], 400]));
}

function linear(inFeatures, outFeatures) {
  const weight = uniform([inFeatures, outFeatures], inFeatures);
  const bias = uniform([outFeatures], inFeatures);
  return (x) => tf.add(tf.matMul(x, weight), bias);
}

function convolution(inChannels, outChannels, padding) {
  const weight = uniform([5, 5, inChannels, outChannels], 25 * inChannels);
  const bias = uniform([outChannels], 25 * inChannels);
  return (x) => tf.add(tf.conv2d(x, weight, 1, padding), bias);
}

function uniform(shape, fanIn) {
  return tf.variable(tf.randomUniform(shape, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)));
}
