/** Schedules that lower the rate at given steps, or in every step. */
import type { Optimizer } from '../optim/optimizer.ts';
import { checkFactor, checkWhole, FactorLR } from './lr-scheduler.ts';

/** lr·gamma^⌊t / stepSize⌋ */
export class StepLR extends FactorLR {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(optimizer: Optimizer, { stepSize, gamma = 0.1 }: { readonly stepSize: number; readonly gamma?: number }) {
    super(optimizer);
    checkWhole('StepLR', 'stepSize', stepSize);
    checkFactor('StepLR', 'gamma', gamma);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.seek(0);
  }

  factorAt(step: number): number {
    return this.gamma ** Math.floor(step / this.stepSize);
  }
}

/** lr·gamma^(milestones up to t); a milestone that stands twice counts twice. */
export class MultiStepLR extends FactorLR {
  readonly milestones: readonly number[];
  readonly gamma: number;

  constructor(
    optimizer: Optimizer,
    { milestones, gamma = 0.1 }: { readonly milestones: readonly number[]; readonly gamma?: number },
  ) {
    super(optimizer);
    for (const milestone of milestones) checkWhole('MultiStepLR', 'a milestone', milestone, 0);
    checkFactor('MultiStepLR', 'gamma', gamma);
    this.milestones = milestones;
    this.gamma = gamma;
    this.seek(0);
  }

  factorAt(step: number): number {
    return this.gamma ** this.milestones.filter((milestone) => milestone <= step).length;
  }
}

/** lr·gamma^t */
export class ExponentialLR extends FactorLR {
  readonly gamma: number;

  constructor(optimizer: Optimizer, { gamma }: { readonly gamma: number }) {
    super(optimizer);
    checkFactor('ExponentialLR', 'gamma', gamma);
    this.gamma = gamma;
    this.seek(0);
  }

  factorAt(step: number): number {
    return this.gamma ** step;
  }
}

/** lr·(1 − t/totalIters)^power, then 0. */
export class PolynomialLR extends FactorLR {
  readonly totalIters: number;
  readonly power: number;

  constructor(
    optimizer: Optimizer,
    { totalIters = 5, power = 1 }: { readonly totalIters?: number; readonly power?: number } = {},
  ) {
    super(optimizer);
    checkWhole('PolynomialLR', 'totalIters', totalIters);
    this.totalIters = totalIters;
    this.power = power;
    this.seek(0);
  }

  factorAt(step: number): number {
    return (1 - Math.min(step, this.totalIters) / this.totalIters) ** this.power;
  }
}

/** lr·lrLambda(t): any function of the number of steps. */
export class LambdaLR extends FactorLR {
  readonly lrLambda: (step: number) => number;

  constructor(optimizer: Optimizer, { lrLambda }: { readonly lrLambda: (step: number) => number }) {
    super(optimizer);
    this.lrLambda = lrLambda;
    this.seek(0);
  }

  factorAt(step: number): number {
    return this.lrLambda(step);
  }
}

/** lr·lrLambda(1)·lrLambda(2)·…·lrLambda(t) */
export class MultiplicativeLR extends FactorLR {
  readonly lrLambda: (step: number) => number;
  /** The product after each step that was asked for so far. */
  readonly #products = [1];

  constructor(optimizer: Optimizer, { lrLambda }: { readonly lrLambda: (step: number) => number }) {
    super(optimizer);
    this.lrLambda = lrLambda;
    this.seek(0);
  }

  factorAt(step: number): number {
    for (let t = this.#products.length; t <= step; t++) this.#products.push(this.#products[t - 1]! * this.lrLambda(t));
    return this.#products[step]!;
  }
}
