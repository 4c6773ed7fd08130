import { runSystem } from './run-system.mjs';
import { gradwire } from './systems.mjs';

/** Times a training step of each workload; prints a JSON line each. */
export async function measure({ workloads, threads, steps }) {
  const { processes } = gradwire(threads);
  for (const workload of workloads) {
    const line = await runSystem(processes, [workload, ...(steps ? [`${steps}`] : [])]);
    console.log(JSON.stringify(line));
  }
}
