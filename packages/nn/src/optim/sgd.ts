import { GradwireError, sgdUpdate, type Tensor } from '@gradwire/tensor';
import { checkNumber, Optimizer, type Run } from './optimizer.ts';

export interface SgdOptions {
  readonly lr?: number;
  readonly momentum?: number;
  /** Share of the gradient that momentum leaves out. */
  readonly dampening?: number;
  /** Factor of the parameter that is added to its gradient (L2 penalty). */
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent: v ← momentum·v + (1 − dampening)·g, p ← p − lr·v; with nesterov p ← p − lr·(g +
 * momentum·v) (Sutskever et al. 2013, in PyTorch's form: the first step sets v = g).
 */
export class SGD extends Optimizer {
  momentum: number;
  readonly #dampening: number;
  readonly #weightDecay: number;
  readonly #nesterov: boolean;
  protected readonly stateNames: readonly string[];

  constructor(parameters: Iterable<Tensor>, options: SgdOptions = {}) {
    const { lr = 1e-3, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options;
    super(parameters, lr);
    checkNumber('momentum', momentum, 0);
    checkNumber('weightDecay', weightDecay, 0);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new GradwireError(
        'ERR_OPTIMIZER',
        `SGD: nesterov needs momentum above 0 and no dampening, got ${momentum} and ${dampening}`,
      );
    }
    this.momentum = momentum;
    this.#dampening = dampening;
    this.#weightDecay = weightDecay;
    this.#nesterov = nesterov;
    this.stateNames = momentum === 0 ? [] : ['momentum_buffer'];
  }

  protected updateRun({ start, end, step }: Run): void {
    const { data, grad } = this.flat;
    const buffer = this.stateNames.length === 0 ? null : this.state('momentum_buffer');
    sgdUpdate(data, grad, buffer, {
      start,
      end,
      lr: this.lr,
      momentum: this.momentum,
      dampening: this.#dampening,
      weightDecay: this.#weightDecay,
      nesterov: this.#nesterov,
      first: step === 1,
    });
  }
}
