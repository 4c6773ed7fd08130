// TensorFlow.js with its WebAssembly kernels on one thread. Run: node benchmarks/peers/tfjs-steps.mjs WORKLOAD [STEPS]
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { fileURLToPath } from 'node:url';
import { medianStepMs, report } from '../time-steps.mjs';
import { CLASSES, OPTIMIZERS, WORKLOADS } from '../workloads.mjs';

setWasmPaths(fileURLToPath(new URL('node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url)));
setThreadsCount(1);
await tf.setBackend('wasm');

const [workload, steps] = process.argv.slice(2);
const { sizes, batch } = WORKLOADS[workload];
const layers = sizes.slice(1).map((size, i) => linear(sizes[i], size));
const forward = (x) => layers.reduce((h, layer, i) => layer(i === 0 ? h : tf.relu(h)), x);
const x = tf.randomNormal([batch, sizes[0]]);
const y = tf.oneHot(tf.randomUniform([batch], 0, CLASSES, 'int32'), CLASSES);
const optimizer = tf.train.momentum(OPTIMIZERS.sgd.lr, OPTIMIZERS.sgd.momentum);

async function trainingStep() {
  const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward(x)), true);
  await loss.data(); // so that all of the step has been computed
  loss.dispose();
}

const ms = await medianStepMs(trainingStep, Number(steps ?? WORKLOADS[workload].steps));
report(`tfjs-wasm-${tf.version.tfjs}`, workload, batch, ms);

function linear(inFeatures, outFeatures) {
  const weight = uniform([inFeatures, outFeatures], inFeatures);
  const bias = uniform([outFeatures], inFeatures);
  return (h) => tf.add(tf.matMul(h, weight), bias);
}

function uniform(shape, fanIn) {
  return tf.variable(tf.randomUniform(shape, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)));
}
