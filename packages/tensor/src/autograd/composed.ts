/**
 * Second gradients of operations with a fused gradient. Where gradients are recorded (`createGraph`), the rule of such an
 * operation computes it anew from its inputs, out of operations that are recorded, and gives the gradients of those.
 */
import { record, tick } from '../autograd.ts';
import { detach, sameGradient } from '../ops/reshape.ts';
import type { Tensor } from '../tensor.ts';
import { newestFirst, propagate } from './pass.ts';

/** The gradients of `inputs` through compose(...inputs), given that of its result; null where none flows. */
export function gradientsThrough(
  compose: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  grad: Tensor,
): (Tensor | null)[] {
  const first = tick();
  // Each input by a name of its own: one tensor may come twice, and what it depends on belongs to the pass outside.
  const own = inputs.map((input) => record(detach(input), sameGradient, [input]));
  const out = compose(...own);
  const targets = new Map<Tensor, Tensor | null>(own.map((input) => [input, null]));
  if (out.node === null) return inputs.map(() => null);
  const nodes = newestFirst([out.node], first);
  out.node.grad = grad;
  propagate(nodes, {
    targets,
    leading: null,
    toLeaves: false,
    callsHooks: false,
    createGraph: true,
    retainGraph: true,
  });
  return own.map((input) => targets.get(input)!);
}
