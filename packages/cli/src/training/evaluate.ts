import { datasetFromHandle, type Batch, type LabeledBatch } from '@gradwire/data';
import type { Module } from '@gradwire/nn';
import { GradwireError, noGrad, step, type Tensor } from '@gradwire/tensor';
import type { TrainingDefinition } from '../define-training.ts';
import { noSums } from './evaluation.ts';
import type { Replica } from './replica.ts';
import type { EvaluateTask } from './train-task.ts';
import { checkedFigure, checkedLoss, checkedOutput, checkedSums } from './user-values.ts';

/**
 * Examples measured at a time. Layers of @gradwire/nn give their inner results back, but what the modules of a training file
 * make stays until the step ends; so a residual network written there must fit in the heap with all its results, once a thread.
 */
const BATCH = 128;

/** Measures samples from … to − 1 of a test set. Returns the sums that `evaluation.ts` tells of, added in their order. */
export function evaluate(
  { dataset: handle, from, to }: EvaluateTask,
  { definition, model, buffers }: Replica,
): number[] {
  const dataset = datasetFromHandle(handle);
  const sums = noSums(definition);
  model.eval();
  buffers.load();
  for (let start = from; start < to; start += BATCH) {
    const count = Math.min(BATCH, to - start);
    const indices = Int32Array.from({ length: count }, (_, i) => start + i);
    step(() =>
      noGrad(() => {
        const batch = dataset.batch(indices);
        const loss = checkedLoss(definition.loss(model, batch)).item();
        const added = [count, loss * count, ...metricSums(definition, model, batch, count)];
        added.forEach((value, i) => (sums[i]! += value));
      }),
    );
  }
  return sums;
}

function metricSums(definition: TrainingDefinition, model: Module, batch: Batch, count: number): number[] {
  const metrics = Object.entries(definition.metrics ?? {});
  if (metrics.length === 0) return [];
  const { y } = batch as LabeledBatch;
  const output = checkedOutput((definition.predict ?? forward)(model as Network, batch));
  return metrics.flatMap(([name, metric]) => {
    if (typeof metric === 'function') return checkedFigure(`metrics.${name}`, metric(output, y, batch)) * count;
    return checkedSums(`metrics.${name}.sums`, metric.sums(output, y, batch), metric.size);
  });
}

type Network = Module & { forward(x: Tensor): Tensor };

function forward(model: Network, { x }: Batch): Tensor {
  if (x) return model.forward(x);
  throw new GradwireError(
    'ERR_TRAINING_FILE',
    'defineTraining: batches have no tensor x for the metrics; add predict: (model, batch) => output',
  );
}
