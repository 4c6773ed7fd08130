// Peak memory of a training. Run: node benchmarks/gradwire/peak.mjs WORKLOAD [checkpoints]
import { BasicBlock, TransformerEncoderLayer } from '@gradwire/nn';
import { kernelBackend, memoryUsage, step } from '@gradwire/tensor';
import { forgetPeak, peakBytes, residentBytes } from '../peak-memory.mjs';
import { WORKLOADS } from '../workloads.mjs';
import { trainingOf } from './training.mjs';

const SETTLED_STEPS = 3;
const STEPS = 8;

const [workload, checkpoints] = process.argv.slice(2);
forgetPeak();
const before = residentBytes();
const training = trainingOf(workload);
const model = training.model();
if (checkpoints) {
  for (const [, module] of model.namedModules()) {
    if (module instanceof BasicBlock || module instanceof TransformerEncoderLayer) module.checkpoint_();
  }
}
const optimizer = training.optimizer(model.parameters());
const examples = training.examples(WORKLOADS[workload].batch);
let settledBytes = 0;
for (let done = 1; done <= STEPS; done++) {
  step(() => {
    optimizer.zeroGrad();
    training.loss(model, examples).backward();
    optimizer.step();
  });
  if (done === SETTLED_STEPS) settledBytes = memoryUsage().claimedBytes;
}
const peakMiB = Number(((peakBytes() - before) / 2 ** 20).toFixed(1));
const heapGrowthBytes = memoryUsage().claimedBytes - settledBytes;
const system = { system: 'gradwire', backend: kernelBackend() };
console.log(JSON.stringify({ ...system, workload, checkpoints: checkpoints !== undefined, peakMiB, heapGrowthBytes }));
