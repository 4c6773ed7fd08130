const WARM_UP_STEPS = 3;
const WARM_UP_MS = 300; // compilers of JavaScript and WebAssembly need time more than steps
const TIMED_STEPS_MIN = 5;
const TIMED_MS_MAX = 8000; // a slow system is not asked for all its steps

/** Median milliseconds of `step`, timed up to `steps` times after warm-up; a step may be asynchronous. */
export async function medianStepMs(step, steps) {
  await warmUp(step);
  const times = [];
  const end = performance.now() + TIMED_MS_MAX;
  while (times.length < steps && (times.length < TIMED_STEPS_MIN || performance.now() < end)) {
    const start = performance.now();
    await step();
    times.push(performance.now() - start);
  }
  return median(times);
}

async function warmUp(step) {
  const end = performance.now() + WARM_UP_MS;
  for (let i = 0; i < WARM_UP_STEPS || performance.now() < end; i++) await step();
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Prints the JSON line of one measurement; `more` goes behind the figures. */
export function report(system, workload, batch, ms, more = {}) {
  const examplesPerSecond = Math.round((batch / ms) * 1000);
  console.log(JSON.stringify({ system, workload, batch, ms: Number(ms.toFixed(3)), examplesPerSecond, ...more }));
}
