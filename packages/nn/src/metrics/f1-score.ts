/** Precision, recall and F1 of a whole test set, as metrics that sum a confusion matrix over its batches. */
import { GradwireError, ShapeError } from '@gradwire/tensor';
import { classFigures, confusionMatrix, type ClassFigures } from './classification.ts';
import type { SummableMetric } from './summable-metric.ts';

/** `macro`: the mean of the classes' figures, each counting alike. `micro`: one figure of all examples together. */
export type Average = 'macro' | 'micro';

/** Share of the examples given to a class that belong to it. output: scores [N, classes]; target: int32 [N]. */
export function precision(classes: number, average: Average = 'macro'): SummableMetric {
  return averaged('precision', classes, average);
}

/** Share of the examples of a class that were given to it. output: scores [N, classes]; target: int32 [N]. */
export function recall(classes: number, average: Average = 'macro'): SummableMetric {
  return averaged('recall', classes, average);
}

/**
 * 2 · precision · recall / (precision + recall). output: scores [N, classes]; target: int32 [N]. A class that was
 * neither chosen nor wanted counts as 0 in the macro mean. Throws GradwireError ERR_OPTION.
 */
export function f1Score(classes: number, average: Average = 'macro'): SummableMetric {
  return averaged('f1Score', classes, average);
}

function averaged(name: 'precision' | 'recall' | 'f1Score', classes: number, average: Average): SummableMetric {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new GradwireError('ERR_OPTION', `${name}: classes must be a whole number from 1 on, got ${classes}`);
  }
  if (average !== 'macro' && average !== 'micro') {
    throw new GradwireError('ERR_OPTION', `${name}: average must be "macro" or "micro", got "${String(average)}"`);
  }
  const figure = name === 'f1Score' ? 'f1' : name;
  return {
    size: classes * classes,
    sums: (scores, target) => {
      if (scores.shape[1] === classes) return confusionMatrix(scores, target).flat();
      throw new ShapeError(`${name}: output must be scores [N, ${classes}], got [${scores.shape.join(', ')}]`);
    },
    value: (sums) => (average === 'macro' ? macro(sums, classes, figure) : micro(sums, classes)),
  };
}

function macro(sums: readonly number[], classes: number, figure: keyof ClassFigures): number {
  const counts = Array.from({ length: classes }, (_, i) => sums.slice(i * classes, (i + 1) * classes));
  return classFigures(counts).reduce((sum, figures) => sum + figures[figure], 0) / classes;
}

/** With one class for each example, every wrong choice is missing elsewhere: all three figures are the accuracy. */
function micro(sums: readonly number[], classes: number): number {
  const right = sums.filter((_, i) => i % (classes + 1) === 0);
  const total = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0);
  return total(right) / total(sums);
}
