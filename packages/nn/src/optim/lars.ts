import { checkNumber } from './check-options.ts';
import { FlatNorms } from './flat-norms.ts';
import { LayerwiseOptimizer, type LayerwiseGroup } from './layerwise.ts';
import type { Run } from './optimizer.ts';
import type { Parameters } from './param-group.ts';

export interface LarsGroup extends LayerwiseGroup {
  momentum: number;
  /** η of the paper: how much of its norm a parameter is trusted to move by. */
  trustCoefficient: number;
  eps: number;
}
export type LarsOptions = Partial<Readonly<LarsGroup>>;

/**
 * LARS (You, Gitman & Ginsburg 2017), for large batches: for each parameter as a whole
 * λ = trustCoefficient·‖p‖/(‖g‖ + weightDecay·‖p‖ + eps), v ← momentum·v + λ·(g + weightDecay·p), p ← p − lr·v. λ is 1
 * where one of both norms is 0. The rate stands outside of v, as in PyTorch's SGD; in the paper it stands inside.
 */
export class LARS extends LayerwiseOptimizer<LarsGroup> {
  override readonly norms = [new FlatNorms(this.flat), new FlatNorms(this.flat)] as const; // of p, and of g
  protected readonly stateNames: readonly string[];

  constructor(parameters: Parameters<LarsGroup>, options: LarsOptions = {}) {
    const defaults = { lr: 1e-3, momentum: 0.9, weightDecay: 0, trustCoefficient: 1e-3, eps: 1e-8, adaptive: true };
    super(parameters, { ...defaults, maximize: false, ...options });
    for (const { momentum, trustCoefficient, eps } of this.paramGroups) {
      checkNumber('momentum', momentum, 0);
      checkNumber('trustCoefficient', trustCoefficient, 0);
      checkNumber('eps', eps, 0);
    }
    this.stateNames = this.paramGroups.some(({ momentum }) => momentum > 0) ? ['momentum_buffer'] : [];
  }

  protected override prepareRun({ start, end }: Run<LarsGroup>): void {
    this.norms[0].measure(this.flat.data, start, end);
    this.norms[1].measure(this.flat.grad, start, end);
  }

  protected updateParameter(run: Run<LarsGroup>, index: number): void {
    const { lr, momentum, adaptive } = run.group;
    const ratio = adaptive ? this.#trustRatio(run.group, index) : 1;
    if (momentum > 0) this.apply('sgd', run, ['momentum_buffer'], [lr, momentum, ratio]);
    else this.apply('sgd', run, [null], [lr * ratio]);
  }

  #trustRatio({ trustCoefficient, weightDecay, eps }: LarsGroup, index: number): number {
    const [weights, gradient] = [this.norm(0, index), this.norm(1, index)];
    if (weights === 0 || gradient === 0) return 1;
    return (trustCoefficient * weights) / (gradient + weightDecay * weights + eps);
  }
}
