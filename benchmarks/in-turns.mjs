import { leaveOut } from './peers.mjs';
import { runSystem } from './run-system.mjs';
import { median } from './time-steps.mjs';
import { WORKLOADS } from './workloads.mjs';

/**
 * Measures a workload by each system in turn, `rounds` times: A B C, A B C …, so that a disturbance of the machine hits all
 * alike. Returns { name, workload, line, rounds } for each system that could: the line of JSON has the median of the rounds.
 */
export async function inTurns(systems, workload, rounds, words) {
  const { network } = WORKLOADS[workload];
  const able = systems.filter(({ networks }) => networks?.includes(network) ?? true);
  const lines = new Map(able.map((system) => [system, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [system, own] of lines) {
      try {
        own.push(await runSystem(await system.processes(), [workload, ...words]));
      } catch (error) {
        if (systems.length === 1) throw error;
        leaveOut(`${system.name} on ${workload}`, error.message.split('\n', 2).join(' '));
        lines.delete(system);
      }
    }
  }
  return [...lines].map(([{ name }, own]) => resultOf(name, workload, own));
}

function resultOf(name, workload, lines) {
  const rounds = lines.map(({ ms }) => ms);
  const ms = median(rounds);
  const line = { ...lines[0], ms, examplesPerSecond: Math.round((lines[0].batch / ms) * 1000) };
  return { name, workload, line, rounds };
}
