/** Optimizers that give each parameter a rate of its own, by the norms of its values and of its step. */
import type { GroupOptions } from './param-group.ts';
import { Optimizer, type Run } from './optimizer.ts';

export interface LayerwiseGroup extends GroupOptions {
  /** Whether the step is scaled by the trust ratio; often not wanted for biases and the weights of normalisation. */
  adaptive: boolean;
}

export abstract class LayerwiseOptimizer<Options extends LayerwiseGroup> extends Optimizer<Options> {
  /** Updates what a run has of parameter `index`, of which all norms are measured. */
  protected abstract updateParameter(run: Run<Options>, index: number): void;

  protected updateRun(run: Run<Options>): void {
    const { offsets } = this.flat;
    for (let i = run.first; i < offsets.length - 1 && offsets[i]! < run.end; i++) {
      const [start, end] = [Math.max(run.start, offsets[i]!), Math.min(run.end, offsets[i + 1]!)];
      if (start < end) this.updateParameter({ ...run, start, end }, i);
    }
  }

  /** The norm of parameter `index` among norms `which`. */
  protected norm(which: number, index: number): number {
    const norms = this.norms[which]!;
    return norms.norm(norms.rows(index)[0]);
  }
}
