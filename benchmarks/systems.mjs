/**
 * What is measured. A system is { name, processes, networks }: its column in tables, a function that says which processes
 * to run for one measurement (the first prints the result), and the networks it is written for, or all if that is absent.
 */
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (script, args = [], env = {}) => ({ program: process.execPath, args: [here(script), ...args], env });

/** Path of the command `gradwire`. */
export const gradwireCommand = here(
  import.meta.resolve('gradwire/package.json').replace('package.json', 'bin/gradwire.js'),
);

/** Gradwire on one thread or several; `blas` is a value of GRADWIRE_BLAS, by default that of the surroundings. */
export function gradwire({ name = 'Gradwire', threads = 1, blas }) {
  const env = blas === undefined ? {} : { GRADWIRE_BLAS: blas };
  const script = threads === 1 ? 'gradwire/one-thread.mjs' : 'gradwire/several-threads.mjs';
  return { name, processes: () => [node(script, threads === 1 ? [] : [`${threads}`], env)] };
}

export function pytorch(python) {
  return { name: 'PyTorch', processes: () => [torch(python, 'peers/torch_steps.py')] };
}

/** DistributedDataParallel of PyTorch over gloo. */
export function pytorchDdp(python, size) {
  const processes = async () => {
    const world = { WORLD_SIZE: `${size}`, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${await freePort()}` };
    return Array.from({ length: size }, (_, rank) =>
      torch(python, 'peers/torch_steps.py', { ...world, RANK: `${rank}` }),
    );
  };
  return { name: `PyTorch DDP ${size}`, processes };
}

/** Its WebAssembly kernels know no gradient of a convolution's filter, and none of an embedding. */
export function tfjs() {
  return { name: 'tfjs-wasm', networks: ['perceptron'], processes: () => [node('peers/tfjs-steps.mjs')] };
}

export function jaxJs() {
  return { name: 'jax-js', networks: ['perceptron'], processes: () => [node('peers/jax-steps.mjs')] };
}

/** Systems of which the peak memory is measured instead. */
export const gradwirePeak = () => ({ processes: () => [node('gradwire/peak.mjs')] });
export const pytorchPeak = (python) => ({ processes: () => [torch(python, 'peers/torch_peak.py')] });

function torch(python, script, env = {}) {
  return { program: python, args: [here(script)], env: { ...env, PYTHONDONTWRITEBYTECODE: '1' } };
}
