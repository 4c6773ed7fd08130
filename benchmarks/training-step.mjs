// Times a training step of Gradwire and, with --peers, of TensorFlow.js and PyTorch on the same workloads, one thread each.
// Run: npm run bench [-- --peers] [WORKLOAD …]. JSON lines on stdout, a table of ratios on stderr.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ratioTable } from './ratio-table.mjs';
import { median, report } from './time-steps.mjs';
import { WORKLOADS } from './workloads.mjs';

const ROUNDS = 3; // A B C, A B C, A B C: a disturbance of the machine hits all systems alike
const SINGLE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { values, positionals } = parseArgs({ options: { peers: { type: 'boolean' } }, allowPositionals: true });
const workloads = positionals.length > 0 ? positionals : Object.keys(WORKLOADS);
const unknown = workloads.filter((name) => !Object.hasOwn(WORKLOADS, name));
if (unknown.length > 0) {
  console.error(`bench: no workload ${unknown.join(', ')}; there are ${Object.keys(WORKLOADS).join(', ')}`);
  process.exit(2);
}

const systems = [[process.execPath, here('gradwire-steps.mjs')], ...(values.peers ? peers() : [])];
const results = await measureInTurns();
for (const { system, workload, batch, ms, error } of results) {
  if (error === undefined) report(system, workload, batch, ms);
  else console.log(JSON.stringify({ system, workload, error }));
}
console.error(ratioTable(results));

/** Commands that run the other systems; installs TensorFlow.js on first use. */
function peers() {
  if (!existsSync(here('peers/node_modules/@tensorflow/tfjs'))) {
    console.error('bench: installing TensorFlow.js into benchmarks/peers');
    const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', here('peers')];
    execFileSync('npm', npm, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const python = ['python3', '/usr/bin/python3'].find(hasTorch);
  if (python === undefined) console.error('bench: no python3 here can import torch, so PyTorch is left out');
  return [
    [process.execPath, here('peers/tfjs-steps.mjs'), 'wasm'],
    [process.execPath, here('peers/tfjs-steps.mjs'), 'cpu'],
    ...(python === undefined ? [] : [[python, here('peers/torch_steps.py')]]),
  ];
}

function hasTorch(python) {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Every system on every workload, ROUNDS times in turn; one result each, with the median milliseconds. */
async function measureInTurns() {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const lines = [];
    for (const workload of workloads) {
      for (const command of systems) lines.push(await measure(command, workload));
    }
    rounds.push(lines);
  }
  return rounds[0].map((line, i) => ({ ...line, ms: median(rounds.map((lines) => lines[i].ms)) }));
}

/** Runs one system on one workload in a process of its own. */
async function measure([program, ...args], workload) {
  const options = { env: { ...process.env, ...SINGLE_THREAD } };
  const { stdout } = await promisify(execFile)(program, [...args, workload], options);
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined)
    throw new Error(`bench: ${program} ${args.join(' ')} ${workload} printed no result:\n${stdout}`);
  return JSON.parse(line);
}
