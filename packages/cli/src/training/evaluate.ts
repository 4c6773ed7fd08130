import { datasetFromHandle } from '@gradwire/data';
import { noGrad, step, Tensor } from '@gradwire/tensor';
import { noSums } from './evaluation.ts';
import type { Replica } from './replica.ts';
import type { EvaluateTask } from './train-task.ts';
import { checkedLoss } from './user-values.ts';

const BATCH = 256;

/**
 * Measures samples from … to − 1 of a test set. Returns sums over the samples: [count, loss, ...metrics in the order of
 * their names], to be added over threads and processes.
 */
export function evaluate(
  { dataset: handle, from, to }: EvaluateTask,
  { definition, model, buffers }: Replica,
): number[] {
  const dataset = datasetFromHandle(handle);
  const metrics = Object.values(definition.metrics ?? {});
  const sums = noSums(definition);
  model.eval();
  buffers.load();
  for (let start = from; start < to; start += BATCH) {
    const count = Math.min(BATCH, to - start);
    const indices = Int32Array.from({ length: count }, (_, i) => start + i);
    step(() =>
      noGrad(() => {
        const batch = dataset.batch(indices);
        const loss = checkedLoss(definition.loss(model as never, batch as never));
        const figures = [1, loss.item(), ...measure(model as Network, metrics, batch)];
        figures.forEach((figure, i) => (sums[i]! += figure * count));
      }),
    );
  }
  return sums;
}

type Network = { forward(x: Tensor): Tensor };
type MetricFunction = (output: Tensor, target: Tensor) => Tensor | number;

function measure(model: Network, metrics: readonly MetricFunction[], batch: object): number[] {
  if (metrics.length === 0) return [];
  const { x, y } = batch as { x: Tensor; y: Tensor };
  const output = model.forward(x);
  return metrics.map((metric) => {
    const figure = metric(output, y);
    return figure instanceof Tensor ? figure.item() : figure;
  });
}
