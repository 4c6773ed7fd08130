/** How far predictions are from the targets; all take output and target of one shape, with any number of elements. */
import { ShapeError, type Tensor } from '@gradwire/tensor';
import type { SummableMetric } from './summable-metric.ts';

/** Mean of (output − target)² over all elements of a test set. */
export function meanSquaredError(): SummableMetric {
  return meanOf('meanSquaredError', (output, target) => (output - target) ** 2);
}

/** Mean of |output − target| over all elements of a test set. */
export function meanAbsoluteError(): SummableMetric {
  return meanOf('meanAbsoluteError', (output, target) => Math.abs(output - target));
}

/**
 * The share of the targets' variance that the predictions explain: 1 − Σ(target − output)² / Σ(target − mean target)².
 * 1 is perfect, 0 no better than the mean; NaN or −∞ where all targets are equal.
 */
export function r2Score(): SummableMetric {
  return {
    size: 4,
    sums: (output, target) => {
      const sums = [0, 0, 0, 0] as [number, number, number, number];
      eachPair('r2Score', output, target, (predicted, wanted) => {
        sums[0] += 1;
        sums[1] += wanted;
        sums[2] += wanted ** 2;
        sums[3] += (wanted - predicted) ** 2;
      });
      return sums;
    },
    value: (sums) => {
      const [count, total, squares, residual] = sums as [number, number, number, number];
      return 1 - residual / (squares - total ** 2 / count);
    },
  };
}

function meanOf(name: string, distance: (output: number, target: number) => number): SummableMetric {
  return {
    size: 2,
    sums: (output, target) => {
      let total = 0;
      eachPair(name, output, target, (predicted, wanted) => (total += distance(predicted, wanted)));
      return [total, target.size];
    },
    value: ([total, count]) => total! / count!,
  };
}

function eachPair(name: string, output: Tensor, target: Tensor, visit: (output: number, target: number) => void): void {
  if (output.shape.join() !== target.shape.join()) {
    const [given, wanted] = [output, target].map(({ shape }) => `[${shape.join(', ')}]`);
    throw new ShapeError(`${name}: output and target must have one shape, got ${given} and ${wanted}`);
  }
  const wanted = target.data();
  output.data().forEach((predicted, i) => visit(predicted, wanted[i]!));
}
