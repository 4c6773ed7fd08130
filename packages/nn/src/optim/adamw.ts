import { Adam, type AdamGroup, type AdamOptions } from './adam.ts';
import type { Parameters } from './param-group.ts';

/** Adam with decoupled weight decay, p ← (1 − lr·weightDecay)·p before the step (Loshchilov & Hutter 2019, algorithm 2). */
export class AdamW extends Adam {
  constructor(parameters: Parameters<AdamGroup>, options: AdamOptions = {}) {
    super(parameters, { weightDecay: 0.01, ...options }, true);
  }
}
