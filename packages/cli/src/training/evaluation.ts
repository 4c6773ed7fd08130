/** The sums that threads and processes add up for an evaluation: [examples, loss · examples, ...sums of each metric]. */
import { treeAllReduce, type ProcessGroup } from '@gradwire/dist';
import { figureName, type Metric, type TrainingDefinition } from '../define-training.ts';
import type { Metrics } from '../events.ts';
import { checkedFigure } from './user-values.ts';

/** The figures of an epoch. */
export interface EpochFigures {
  /** Mean training loss. */
  readonly loss: number;
  /** Those of the test set; none without one. */
  readonly metrics: Metrics;
}

/**
 * Adds sums over all processes, and gives all of them rank 0's training loss. Every rank calls it, also without a test
 * set: servers take part, and know of no data. Those without samples give zeros.
 */
export async function epochFigures(
  group: ProcessGroup,
  definition: TrainingDefinition,
  sums: readonly number[],
  loss: number,
): Promise<EpochFigures> {
  const total = Float64Array.of(...sums, group.rank === 0 ? loss : 0);
  await treeAllReduce(group, total);
  return { loss: total.at(-1)!, metrics: total[0]! > 0 ? metricsFrom([...total], definition) : {} };
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
    figures[figureName(name)] =
      typeof metric === 'function' ? own[0]! / count : checkedFigure(`metrics.${name}.value`, metric.value(own));
  }
  return figures;
}

/** A function adds its figure of a batch times the batch's examples. */
function sizeOf(metric: Metric<never>): number {
  return typeof metric === 'function' ? 1 : metric.size;
}
