import { adamUpdate, type Tensor } from '@gradwire/tensor';
import { checkNumber, Optimizer, type Run } from './optimizer.ts';

export interface AdamOptions {
  readonly lr?: number;
  /** Decay rates of the two moments. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. */
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Divide by the largest second moment so far (Reddi et al. 2018). */
  readonly amsgrad?: boolean;
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂/(√v̂ + eps).
 * weightDecay adds weightDecay·p to the gradient (L2 penalty).
 */
export class Adam extends Optimizer {
  betas: readonly [number, number];
  readonly #eps: number;
  readonly #weightDecay: number;
  readonly #decoupled: boolean;
  protected readonly stateNames: readonly string[];

  constructor(parameters: Iterable<Tensor>, options: AdamOptions = {}, decoupled = false) {
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad = false } = options;
    super(parameters, lr);
    checkNumber('betas[0]', betas[0], 0, 1);
    checkNumber('betas[1]', betas[1], 0, 1);
    checkNumber('eps', eps, 0);
    checkNumber('weightDecay', weightDecay, 0);
    this.betas = betas;
    this.#eps = eps;
    this.#weightDecay = weightDecay;
    this.#decoupled = decoupled;
    this.stateNames = amsgrad ? ['exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'] : ['exp_avg', 'exp_avg_sq'];
  }

  protected updateRun({ start, end, step }: Run): void {
    const { data, grad } = this.flat;
    const most = this.stateNames.length === 3 ? this.state('max_exp_avg_sq') : null;
    adamUpdate(data, grad, this.state('exp_avg'), this.state('exp_avg_sq'), most, {
      start,
      end,
      lr: this.lr,
      betas: this.betas,
      eps: this.#eps,
      weightDecay: this.#weightDecay,
      decoupled: this.#decoupled,
      step,
    });
  }
}
