// A training step of `gradwire train --threads N`. Run: node benchmarks/gradwire/several-threads.mjs THREADS WORKLOAD [STEPS]
import { kernelBackend } from '@gradwire/tensor';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gradwireCommand } from '../systems.mjs';
import { median, report } from '../time-steps.mjs';
import { WORKLOADS } from '../workloads.mjs';

const RUN_LENGTH = 5; // times the steps that are timed
const trainingFile = fileURLToPath(new URL('timed-training.mjs', import.meta.url));

const [threads, workload, steps] = process.argv.slice(2);
const { batch } = WORKLOADS[workload];
const folder = mkdtempSync(join(tmpdir(), 'gradwire-bench-'));
try {
  const ms = median(await stepTimes(Number(steps ?? WORKLOADS[workload].steps)));
  report('gradwire', workload, batch, ms, { backend: kernelBackend(), threads: Number(threads) });
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * Milliseconds from the beginning of each step to that of the next, as one of the threads saw them: of the last steps of
 * a run that is several times as long, so that code is compiled by then.
 */
async function stepTimes(timedSteps) {
  const total = RUN_LENGTH * timedSteps + 1;
  await train({ workload, batches: total, folder });
  const [file] = readdirSync(folder).filter((name) => name.startsWith('thread-'));
  const begins = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const times = begins.slice(1).map((begin, i) => begin - begins[i]);
  return times.slice(-timedSteps);
}

async function train(settings) {
  const words = ['train', trainingFile, '--threads', threads, '--run-dir', join(folder, 'run'), '--quiet'];
  const env = { ...process.env, GRADWIRE_BENCH: JSON.stringify(settings) };
  await promisify(execFile)(process.execPath, [gradwireCommand, ...words], { env });
}
