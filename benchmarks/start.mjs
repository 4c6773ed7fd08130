import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gradwireCommand } from './systems.mjs';
import { median } from './time-steps.mjs';

const IMPORTS = 11;
const TRAININGS = 5;
const here = fileURLToPath(new URL('.', import.meta.url));
const example = fileURLToPath(new URL('../examples/lenet-mnist.ts', import.meta.url));

/** How long a user waits before anything is computed; prints a JSON line each for the import and for the command. */
export async function measure() {
  const bare = ['--eval', ''];
  const importing = ['--input-type=module', '--eval', 'import "@gradwire/tensor"'];
  const starts = Array.from({ length: IMPORTS }, () => [startMs(bare), startMs(importing)]);
  const [node, both] = [0, 1].map((i) => median(starts.map((pair) => pair[i])));
  print('import @gradwire/tensor', both - node, IMPORTS);

  const firstSteps = [];
  for (let run = 0; run < TRAININGS; run++) firstSteps.push(await firstStepMs());
  print('gradwire train examples/lenet-mnist.ts', median(firstSteps), TRAININGS);
}

function startMs(args) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

/** Milliseconds from the start of the command until it reports its first step. */
async function firstStepMs() {
  const folder = mkdtempSync(join(tmpdir(), 'gradwire-bench-'));
  const start = performance.now();
  const words = [gradwireCommand, 'train', example, '--json', '--run-dir', folder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (JSON.parse(line).event === 'step') return performance.now() - start;
    }
    throw new Error('gradwire train ended before its first step');
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

function print(start, ms, runs) {
  console.log(JSON.stringify({ start, ms: Math.round(ms), runs }));
}
