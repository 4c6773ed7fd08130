import { checkMoments, momentNumbers, MOMENTS } from './adam.ts';
import { checkNumber } from './check-options.ts';
import { Optimizer, type Run } from './optimizer.ts';
import type { Parameters } from './param-group.ts';
import { decayOf, type DecayGroup } from './radam.ts';

export interface NAdamGroup extends DecayGroup {
  /** How fast μₜ = β₁(1 − 0.96^(t·momentumDecay)/2) rises. */
  momentumDecay: number;
}
export type NAdamOptions = Partial<Readonly<NAdamGroup>>;

/**
 * Adam with Nesterov momentum (Dozat 2016): p ← p − lr·((1 − μₜ)·g/(1 − ∏μ) + μₜ₊₁·m/(1 − μₜ·μₜ₊₁·∏μ))/(√v̂ + eps), where ∏μ is
 * μ₁ … μₜ. The second correction is that of PyTorch 1.13; the paper has μₜ in it once.
 */
export class NAdam extends Optimizer<NAdamGroup> {
  protected readonly stateNames = ['exp_avg', 'exp_avg_sq'];

  constructor(parameters: Parameters<NAdamGroup>, options: NAdamOptions = {}) {
    super(parameters, { lr: 2e-3, ...MOMENTS, momentumDecay: 4e-3, decoupledWeightDecay: false, ...options });
    checkMoments(this.paramGroups);
    for (const { momentumDecay } of this.paramGroups) checkNumber('momentumDecay', momentumDecay, 0);
  }

  protected updateRun(run: Run<NAdamGroup>): void {
    const { step, group } = run;
    const { lr, betas, momentumDecay } = group;
    const momentumAt = (t: number): number => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    let product = 1;
    for (let t = 1; t <= step && product > Number.EPSILON / 8; t++) product *= momentumAt(t); // below that 1 − product is 1
    const [now, next] = [momentumAt(step), momentumAt(step + 1)];
    const { kept, l2 } = decayOf(group);
    const ofGradient = (lr * (1 - now)) / (1 - product);
    const ofMoment = (lr * next) / (1 - product * now * next);
    this.apply('nadam', run, this.stateNames, [ofGradient, ...momentNumbers(group, step), ofMoment, kept], { l2 });
  }
}
