import { GradwireError, lambMoments } from '@gradwire/tensor';
import { checkMoments, momentNumbers, MOMENTS, type MomentsGroup } from './adam.ts';
import { checkNumber } from './check-options.ts';
import { FlatNorms } from './flat-norms.ts';
import { LayerwiseOptimizer, type LayerwiseGroup } from './layerwise.ts';
import type { Run } from './optimizer.ts';
import type { Parameters } from './param-group.ts';

export interface LambGroup extends MomentsGroup, LayerwiseGroup {
  /** The least and the most that the norm of a parameter counts as, γₗ and γᵤ of the paper. */
  normBounds: readonly [number, number];
}
export type LambOptions = Partial<Readonly<LambGroup>>;

/**
 * LAMB (You et al. 2020, algorithm 2), for large batches: u = m̂/(√v̂ + eps) + weightDecay·p as in AdamW, and for each
 * parameter as a whole p ← p − lr·(φ(‖p‖)/‖u‖)·u, where φ(z) = min(max(z, γₗ), γᵤ). The ratio is 1 where one of both is 0.
 */
export class LAMB extends LayerwiseOptimizer<LambGroup> {
  override readonly norms = [new FlatNorms(this.flat), new FlatNorms(this.flat)] as const; // of p, and of u
  protected readonly stateNames = ['exp_avg', 'exp_avg_sq'];

  constructor(parameters: Parameters<LambGroup>, options: LambOptions = {}) {
    const defaults = { lr: 1e-3, ...MOMENTS, eps: 1e-6, weightDecay: 0.01, adaptive: true };
    super(parameters, { ...defaults, normBounds: [0, Infinity], ...options });
    checkMoments(this.paramGroups);
    for (const { normBounds } of this.paramGroups) {
      checkNumber('normBounds[0]', normBounds[0], 0);
      if (normBounds[1] >= normBounds[0]) continue;
      throw new GradwireError('ERR_OPTIMIZER', `LAMB: normBounds must rise, got [${normBounds.join(', ')}]`);
    }
  }

  protected override prepareRun({ start, end, group, step }: Run<LambGroup>): void {
    lambMoments({
      ...this.operands(group, this.stateNames),
      l2: 0,
      numbers: numbersOf(group, step, 0),
      pieces: this.norms[0].pieces(start, end),
      sums: [this.norms[0].sums, this.norms[1].sums],
    });
  }

  protected updateParameter(run: Run<LambGroup>, index: number): void {
    const { group, step } = run;
    const ratio = group.adaptive ? this.#trustRatio(group, index) : 1;
    this.apply('lamb', run, this.stateNames, numbersOf(group, step, group.lr * ratio), { l2: 0 });
  }

  #trustRatio({ normBounds: [least, most] }: LambGroup, index: number): number {
    const [weights, update] = [Math.min(Math.max(this.norm(0, index), least), most), this.norm(1, index)];
    return weights === 0 || update === 0 ? 1 : weights / update;
  }
}

function numbersOf(group: LambGroup, step: number, rate: number): number[] {
  return [rate, ...momentNumbers(group, step), 1 / (1 - group.betas[0] ** step), group.weightDecay];
}
