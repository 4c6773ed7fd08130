// A training step of Gradwire on one thread. Run: node benchmarks/gradwire/one-thread.mjs WORKLOAD [STEPS]
import { kernelBackend, step } from '@gradwire/tensor';
import { medianStepMs, report } from '../time-steps.mjs';
import { WORKLOADS } from '../workloads.mjs';
import { trainingOf } from './training.mjs';

const [workload, steps] = process.argv.slice(2);
const { batch } = WORKLOADS[workload];
const training = trainingOf(workload);
const model = training.model();
const optimizer = training.optimizer(model.parameters());
const examples = training.examples(batch);

function trainingStep() {
  step(() => {
    optimizer.zeroGrad();
    training.loss(model, examples).backward();
    optimizer.step();
  });
}

const ms = await medianStepMs(trainingStep, Number(steps ?? WORKLOADS[workload].steps));
report('gradwire', workload, batch, ms, { backend: kernelBackend(), threads: 1 });
