// The training file of several-threads.mjs. Each thread notes when it begins each step, and leaves the list in a file.
import { TensorDataset } from '@gradwire/data';
import { defineTraining } from 'gradwire';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { WORKLOADS } from '../workloads.mjs';
import { trainingOf } from './training.mjs';

const { workload, batches, epochs, folder } = JSON.parse(process.env.GRADWIRE_BENCH);
const { batch } = WORKLOADS[workload];
const { model, optimizer, loss, examples } = trainingOf(workload);
const begins = [];

export default defineTraining({
  data: () => ({ train: new TensorDataset(examples(batch * batches)) }),
  model,
  optimizer,
  loss: (network, part) => {
    begins.push(performance.now());
    if (begins.length === batches * epochs)
      writeFileSync(join(folder, `thread-${threadId}.json`), JSON.stringify(begins));
    return loss(network, part);
  },
  epochs,
  batchSize: batch,
});
