// How much of a step of mlp-128-b32 is spent inside kernels. Prints a JSON line.
//   node benchmarks/kernel-share.mjs
// Each function that the kernels' WebAssembly exports is wrapped in a timer before Gradwire takes it. What the timers cost
// is measured on a function that does nothing, and taken off both the kernels' time and the step's.
import { median } from './time-steps.mjs';
import { WORKLOADS } from './workloads.mjs';

const WORKLOAD = 'mlp-128-b32';
const WARM_UP_STEPS = 1000;
const STEPS = 1000;
const EMPTY_CALLS = 1e6;

const inside = { ms: 0, calls: 0 };

function timed(kernel) {
  return (address) => {
    const start = performance.now();
    kernel(address);
    inside.ms += performance.now() - start;
    inside.calls++;
  };
}

const { Instance } = WebAssembly;
WebAssembly.Instance = function (...parts) {
  const { setScratch, ...kernels } = new Instance(...parts).exports;
  const wrapped = Object.entries(kernels).map(([name, kernel]) => [name, timed(kernel)]);
  return { exports: { ...Object.fromEntries(wrapped), setScratch } };
};

const { kernelBackend, step } = await import('@gradwire/tensor');
const { trainingOf } = await import('./gradwire/training.mjs');

const training = trainingOf(WORKLOAD);
const model = training.model();
const optimizer = training.optimizer(model.parameters());
const examples = training.examples(WORKLOADS[WORKLOAD].batch);

const steps = Array.from({ length: WARM_UP_STEPS + STEPS }, timeStep).slice(WARM_UP_STEPS);
const timer = timerCost();
const stepMs = median(steps.map(({ ms, calls }) => ms - calls * timer.ms));
const kernelMs = median(steps.map(({ kernelMs, calls }) => kernelMs - calls * timer.insideMs));
const figures = {
  stepMs: Number(stepMs.toFixed(4)),
  kernelMs: Number(kernelMs.toFixed(4)),
  kernelShare: Number((kernelMs / stepMs).toFixed(3)),
  kernelCalls: steps.at(-1).calls,
};
console.log(JSON.stringify({ workload: WORKLOAD, backend: kernelBackend(), ...figures }));

function timeStep() {
  inside.ms = inside.calls = 0;
  const start = performance.now();
  step(() => {
    optimizer.zeroGrad();
    training.loss(model, examples).backward();
    optimizer.step();
  });
  return { ms: performance.now() - start, kernelMs: inside.ms, calls: inside.calls };
}

/** Milliseconds of a call that does nothing: in all, and as its timer sees them. */
function timerCost() {
  const empty = timed(() => {});
  for (let i = 0; i < EMPTY_CALLS; i++) empty(i);
  inside.ms = 0;
  const start = performance.now();
  for (let i = 0; i < EMPTY_CALLS; i++) empty(i);
  return { ms: (performance.now() - start) / EMPTY_CALLS, insideMs: inside.ms / EMPTY_CALLS };
}
