/** Schedules for the first steps of a run. In front of another schedule they go through SequentialLR. */
import type { Optimizer } from '../optim/optimizer.ts';
import { checkFactor, checkWhole, FactorLR } from './lr-scheduler.ts';

/** From lr·startFactor along a line to lr·endFactor in totalIters steps, then constant. */
export class LinearLR extends FactorLR {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  constructor(
    optimizer: Optimizer,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: { readonly startFactor?: number; readonly endFactor?: number; readonly totalIters?: number } = {},
  ) {
    super(optimizer);
    checkFactor('LinearLR', 'startFactor', startFactor);
    checkFactor('LinearLR', 'endFactor', endFactor);
    checkWhole('LinearLR', 'totalIters', totalIters);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.seek(0);
  }

  factorAt(step: number): number {
    const share = Math.min(step, this.totalIters) / this.totalIters;
    return this.startFactor + (this.endFactor - this.startFactor) * share;
  }
}

/** lr·factor for totalIters steps, then lr. */
export class ConstantLR extends FactorLR {
  readonly factor: number;
  readonly totalIters: number;

  constructor(
    optimizer: Optimizer,
    { factor = 1 / 3, totalIters = 5 }: { readonly factor?: number; readonly totalIters?: number } = {},
  ) {
    super(optimizer);
    checkFactor('ConstantLR', 'factor', factor);
    checkWhole('ConstantLR', 'totalIters', totalIters, 0);
    this.factor = factor;
    this.totalIters = totalIters;
    this.seek(0);
  }

  factorAt(step: number): number {
    return step < this.totalIters ? this.factor : 1;
  }
}

/**
 * lr·dModel^(−1/2)·min(s^(−1/2), s·warmupSteps^(−3/2)) in step s = 1, 2 …: rises along a line, then falls with the inverse
 * square root (Vaswani et al. 2017, section 5.3; their lr is 1).
 */
export class InverseSqrtLR extends FactorLR {
  readonly dModel: number;
  readonly warmupSteps: number;

  constructor(
    optimizer: Optimizer,
    { dModel, warmupSteps }: { readonly dModel: number; readonly warmupSteps: number },
  ) {
    super(optimizer);
    checkWhole('InverseSqrtLR', 'dModel', dModel);
    checkWhole('InverseSqrtLR', 'warmupSteps', warmupSteps);
    this.dModel = dModel;
    this.warmupSteps = warmupSteps;
    this.seek(0);
  }

  factorAt(step: number): number {
    return this.dModel ** -0.5 * Math.min((step + 1) ** -0.5, (step + 1) * this.warmupSteps ** -1.5);
  }
}
