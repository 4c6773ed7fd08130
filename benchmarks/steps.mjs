import { inTurns } from './in-turns.mjs';
import { allSystems } from './peers.mjs';
import { writeResults } from './result-file.mjs';
import { gradwire } from './systems.mjs';
import { ratioTable, speedTable } from './tables.mjs';

const ROUNDS = 5;

/** Times a training step of each workload, by Gradwire or by all systems; prints a JSON line for each of both. */
export async function measure({ workloads, threads, steps, rounds, peers, json }) {
  const systems = peers ? allSystems(threads ?? 2) : [gradwire({ threads })];
  const words = steps === undefined ? [] : [`${steps}`];
  const results = [];
  for (const workload of workloads) {
    const measured = await inTurns(systems, workload, rounds ?? (peers ? ROUNDS : 1), words);
    for (const { line } of measured) console.log(JSON.stringify(line));
    results.push(...measured);
  }
  if (!json) console.error(`\n${speedTable(results)}${peers ? `\n\n${ratioTable(results)}` : ''}`);
  if (peers) console.error(`\nbench: wrote ${writeResults(results)}`);
}
