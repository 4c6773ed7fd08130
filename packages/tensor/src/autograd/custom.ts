import { record, type GradientRule } from '../autograd.ts';
import type { Tensor } from '../tensor.ts';

const custom = new WeakSet<GradientRule>();

/**
 * Notes on `output` how an operation of your own has computed it: `rule` gives the gradients of `inputs`, and finds `saved` on its node.
 * Nothing is noted where no gradient may flow. Returns `output`.
 */
export function recordCustom(output: Tensor, rule: GradientRule, inputs: readonly Tensor[], saved?: unknown): Tensor {
  custom.add(rule);
  return record(output, rule, inputs, saved);
}

/** Whether a rule is of code outside of this package, which may keep what it sees. */
export function isCustom(rule: GradientRule): boolean {
  return custom.has(rule);
}
