import { treeAllReduce, type ProcessGroup } from '@gradwire/dist';
import type { TrainingDefinition } from '../define-training.ts';
import type { Metrics } from '../events.ts';

/** Adds sums of samples over all processes. Every rank calls it; those without samples give zeros. */
export async function sumOverRanks(group: ProcessGroup, sums: readonly number[]): Promise<number[]> {
  const total = Float64Array.from(sums);
  await treeAllReduce(group, total);
  return [...total];
}

/** The sums of a process without samples. */
export function noSums({ metrics = {} }: TrainingDefinition): number[] {
  return new Array<number>(2 + Object.keys(metrics).length).fill(0);
}

/** Means from the sums of `evaluate`: testLoss, and each metric as test and its name ("testAccuracy"). */
export function metricsFrom(sums: readonly number[], { metrics = {} }: TrainingDefinition): Metrics {
  const [count = 0, ...totals] = sums;
  const names = ['loss', ...Object.keys(metrics)];
  return Object.fromEntries(
    names.map((name, i) => [`test${name[0]!.toUpperCase()}${name.slice(1)}`, totals[i]! / count]),
  );
}
