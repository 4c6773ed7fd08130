// All-reduce between processes of this machine over WebSockets, float32 sum.
// usage: node benchmarks/all-reduce.mjs [WORLD_SIZE [BYTES ...]]
// Prints one JSON line per size and algorithm; ms = median of the timed calls; busbw = algbw · 2(n − 1)/n as nccl-tests defines it.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { barrier, joinGroup, newRunToken, ringAllReduce, treeAllReduce } from '@gradwire/dist';
import { freePort } from './free-port.mjs';

const SIZES = [4 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20];
const ALGORITHMS = { tree: treeAllReduce, ring: ringAllReduce };
const WARM_UP_CALLS = 5;

if (process.env.RANK === undefined) await startRanks();
else await measure();

async function startRanks() {
  const worldSize = Number(process.argv[2] ?? 2);
  const port = await freePort();
  const run = { WORLD_SIZE: `${worldSize}`, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${port}` };
  const token = newRunToken();
  for (let rank = 0; rank < worldSize; rank++) {
    const env = { ...process.env, ...run, GRADWIRE_TOKEN: token, RANK: `${rank}` };
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), { env });
  }
}

async function measure() {
  const sizes = process.argv.length > 3 ? process.argv.slice(3).map(Number) : SIZES;
  const group = await joinGroup();
  for (const allReduce of Object.values(ALGORITHMS)) await medianMs(group, allReduce, 256 << 10); // compiles the code
  for (const bytes of sizes) {
    for (const [algorithm, allReduce] of Object.entries(ALGORITHMS)) {
      const ms = await medianMs(group, allReduce, bytes);
      if (group.rank === 0) console.log(JSON.stringify(lineOf(group.size, algorithm, bytes, ms)));
    }
  }
  await group.close();
}

async function medianMs(group, allReduce, bytes) {
  const buffer = new Float32Array(new SharedArrayBuffer(bytes)).fill(1);
  const calls = Math.max(9, Math.min(200, Math.floor(2e8 / bytes)));
  const times = [];
  for (let call = 0; call < WARM_UP_CALLS + calls; call++) {
    await barrier(group);
    const start = performance.now();
    await allReduce(group, buffer);
    if (call >= WARM_UP_CALLS) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}

function lineOf(world, algorithm, bytes, ms) {
  const algbw = bytes / ms / 1e6;
  const rounded = (value) => Math.round(value * 1000) / 1000;
  const busbwGBs = rounded((algbw * 2 * (world - 1)) / world);
  return {
    system: 'gradwire',
    transport: 'websocket',
    algorithm,
    world,
    bytes,
    ms: rounded(ms),
    algbwGBs: rounded(algbw),
    busbwGBs,
  };
}
