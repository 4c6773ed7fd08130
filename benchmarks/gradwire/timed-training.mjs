// The training file of several-threads.mjs. Each thread notes when it begins each step, and leaves the list in a file.
import { TensorDataset } from '@gradwire/data';
import { defineTraining } from 'gradwire';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { WORKLOADS } from '../workloads.mjs';
import { trainingOf } from './training.mjs';

const DIFFERENT_BATCHES = 50; // repeated until there are enough for one epoch, as a checkpoint follows each

const { workload, batches, folder } = JSON.parse(process.env.GRADWIRE_BENCH);
const { batch } = WORKLOADS[workload];
const { model, optimizer, loss, examples } = trainingOf(workload);
const begins = [];

export default defineTraining({
  data: () => ({ train: new TensorDataset(repeated(examples(batch * DIFFERENT_BATCHES))) }),
  model,
  optimizer,
  loss: (network, part) => {
    begins.push(performance.now());
    if (begins.length === batches) writeFileSync(join(folder, `thread-${threadId}.json`), JSON.stringify(begins));
    return loss(network, part);
  },
  epochs: 1,
  batchSize: batch,
});

function repeated({ x, y }) {
  const times = Math.ceil(batches / DIFFERENT_BATCHES);
  const rows = (tensor) => tensor.repeat([times, ...tensor.shape.slice(1).map(() => 1)]).slice(0, 0, batches * batch);
  return { x: rows(x).clone(), y: rows(y).clone() };
}
