/** The sums that threads and processes add up for an evaluation: [examples, loss · examples, ...sums of each metric]. */
import { treeAllReduce, type ProcessGroup } from '@gradwire/dist';
import type { Metric, TrainingDefinition } from '../define-training.ts';
import type { Metrics } from '../events.ts';
import { checkedFigure } from './user-values.ts';

/** Adds sums over all processes. Every rank calls it; those without samples give zeros. */
export async function sumOverRanks(group: ProcessGroup, sums: readonly number[]): Promise<number[]> {
  const total = Float64Array.from(sums);
  await treeAllReduce(group, total);
  return [...total];
}

/** The sums of a process without samples. */
export function noSums({ metrics = {} }: TrainingDefinition): number[] {
  const size = Object.values(metrics).reduce((total, metric) => total + sizeOf(metric), 2);
  return new Array<number>(size).fill(0);
}

/** The figures of summed-up sums: testLoss, and each metric as test and its name ("testAccuracy"). */
export function metricsFrom(sums: readonly number[], { metrics = {} }: TrainingDefinition): Metrics {
  const [count, loss] = sums as [number, number];
  const figures: Record<string, number> = { testLoss: loss / count };
  let start = 2;
  for (const [name, metric] of Object.entries(metrics)) {
    const own = sums.slice(start, (start += sizeOf(metric)));
    figures[`test${name[0]!.toUpperCase()}${name.slice(1)}`] =
      typeof metric === 'function' ? own[0]! / count : checkedFigure(`metrics.${name}.value`, metric.value(own));
  }
  return figures;
}

/** A function adds its figure of a batch times the batch's examples. */
function sizeOf(metric: Metric<never>): number {
  return typeof metric === 'function' ? 1 : metric.size;
}
