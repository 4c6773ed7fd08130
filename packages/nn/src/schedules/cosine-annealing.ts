/** Cosine annealing, once or with warm restarts (Loshchilov & Hutter 2017). */
import type { Optimizer } from '../optim/optimizer.ts';
import { checkFactor, checkWhole, LRScheduler } from './lr-scheduler.ts';

/** etaMin + (lr − etaMin)·(1 + cos(π·t/tMax))/2; it rises again after tMax, as in PyTorch. */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number;
  readonly etaMin: number;

  constructor(optimizer: Optimizer, { tMax, etaMin = 0 }: { readonly tMax: number; readonly etaMin?: number }) {
    super(optimizer);
    checkWhole('CosineAnnealingLR', 'tMax', tMax);
    checkFactor('CosineAnnealingLR', 'etaMin', etaMin);
    this.tMax = tMax;
    this.etaMin = etaMin;
    this.seek(0);
  }

  lrAt(step: number, group = 0): number {
    return cosine(this.baseLrs[group]!, this.etaMin, step / this.tMax);
  }
}

/** The same over t0 steps, then anew over t0·tMult, t0·tMult² … steps. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly t0: number;
  readonly tMult: number;
  readonly etaMin: number;

  constructor(
    optimizer: Optimizer,
    { t0, tMult = 1, etaMin = 0 }: { readonly t0: number; readonly tMult?: number; readonly etaMin?: number },
  ) {
    super(optimizer);
    checkWhole('CosineAnnealingWarmRestarts', 't0', t0);
    checkWhole('CosineAnnealingWarmRestarts', 'tMult', tMult);
    checkFactor('CosineAnnealingWarmRestarts', 'etaMin', etaMin);
    this.t0 = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.seek(0);
  }

  lrAt(step: number, group = 0): number {
    let length = this.t0;
    let since = this.tMult === 1 ? step % length : step;
    for (; since >= length; length *= this.tMult) since -= length;
    return cosine(this.baseLrs[group]!, this.etaMin, since / length);
  }
}

/** From `from` (share 0) along half a wave to `to` (share 1). */
export function cosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
