// What one eager operation on 16 elements costs, with and without the tape: the overhead of the call, not of the kernel.
// Prints one JSON line each, {op, tape, microseconds}: the median over rounds of many calls.
//   node benchmarks/eager-overhead.mjs
import { noGrad, randn, step } from '@gradwire/tensor';

const CALLS = 2000;
const ROUNDS = 200;
const WARMUP_ROUNDS = 50;

const x = randn([16]).requiresGrad_();
const y = randn([16]);

const OPS = {
  add: () => x.add(y),
  mul: () => x.mul(y),
  relu: () => x.relu(),
};

/** Microseconds of one call. The step takes the results' memory back, as in training. */
function medianMicroseconds(call) {
  const times = [];
  for (let round = 0; round < WARMUP_ROUNDS + ROUNDS; round++) {
    const start = process.hrtime.bigint();
    step(() => {
      for (let i = 0; i < CALLS; i++) call();
    });
    const nanoseconds = Number(process.hrtime.bigint() - start);
    if (round >= WARMUP_ROUNDS) times.push(nanoseconds / 1000 / CALLS);
  }
  return times.sort((a, b) => a - b)[ROUNDS / 2];
}

for (const [op, call] of Object.entries(OPS)) {
  for (const tape of [false, true]) {
    const microseconds = tape ? medianMicroseconds(call) : noGrad(() => medianMicroseconds(call));
    console.log(JSON.stringify({ op, tape, microseconds: Number(microseconds.toFixed(3)) }));
  }
}
