import { noGrad } from '../autograd.ts';
import type { Tensor } from '../tensor.ts';
import { hold } from './early-release.ts';
import { addToLeaf } from './leaf.ts';
import { isReleased, newestFirst, propagate, throwReleased, type Pass } from './pass.ts';
import { checkedSeed } from './seed.ts';

export interface BackwardOptions {
  /** Keeps the graph, so that backward can run over it again. */
  readonly retainGraph?: boolean;
}

const ALL_LEAVES: Pass = {
  targets: new Map(),
  leading: null,
  toLeaves: true,
  callsHooks: true,
  createGraph: false,
  retainGraph: false,
};
const RETAINED: Pass = { ...ALL_LEAVES, retainGraph: true };

/**
 * Adds dL/d(leaf) to `leaf.grad` of every leaf that `root` depends on, and releases the graph unless `retainGraph`.
 * root: a scalar, or any shape together with `gradient`, dL/d(root), of the same shape.
 * Throws AutogradError if no gradient can flow, the graph was released before, or a tensor that a gradient rule reads
 * was changed in place since.
 */
export function backward(root: Tensor, gradient?: Tensor, { retainGraph = false }: BackwardOptions = {}): void {
  root.checkAlive();
  const seed = checkedSeed('backward', root, gradient);
  if (root.node === null) {
    noGrad(() => addToLeaf(root, root.hooks ? root.hooks.run(seed, root) : seed));
    root.gradHook?.(root);
    return;
  }
  const nodes = newestFirst([root.node]);
  if (nodes.some(isReleased)) throwReleased('backward');
  hold(seed);
  root.node.grad = seed;
  propagate(nodes, retainGraph ? RETAINED : ALL_LEAVES);
}
