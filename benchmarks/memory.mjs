import { leaveOut, pythonWithTorch } from './peers.mjs';
import { runSystem } from './run-system.mjs';
import { gradwirePeak, pytorchPeak } from './systems.mjs';
import { median } from './time-steps.mjs';

const WORKLOADS = ['resnet20-b32', 'charlm-d256-l4-t128-b8'];
const ROUNDS = 3;

/** Peak memory of a training, with and without a checkpoint for each block; prints a JSON line for each system. */
export async function measure({ peers }) {
  const python = peers ? pythonWithTorch() : undefined;
  if (peers && !python) leaveOut('PyTorch', 'no python3 here can import torch');
  const systems = [gradwirePeak(), ...(python ? [pytorchPeak(python)] : [])];
  for (const workload of WORKLOADS) {
    for (const words of [[workload], [workload, 'checkpoints']]) {
      for (const lines of await inTurns(systems, words)) {
        console.log(JSON.stringify({ ...lines[0], peakMiB: median(lines.map(({ peakMiB }) => peakMiB)) }));
      }
    }
  }
}

/** The lines of each system. */
async function inTurns(systems, words) {
  const lines = systems.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { processes }] of systems.entries()) lines[i].push(await runSystem(processes(), words));
  }
  return lines;
}
