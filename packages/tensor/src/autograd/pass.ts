/** One pass over the graph, from results back to what they depend on; `backward`, `grad` and `checkpoint` make one each. */
import { DELIVERED, operationOf, withMode, type Node } from '../autograd.ts';
import { AutogradError } from '../errors.ts';
import { add } from '../ops/arithmetic.ts';
import { made, pin, watch } from '../heap/made.ts';
import { Tensor } from '../tensor.ts';
import { isCustom } from './custom.ts';
import { count, drop, handOut, hold, sweep } from './early-release.ts';
import { addToLeaf } from './leaf.ts';
import { checkUnchanged } from './versions.ts';

/** What a pass does with the gradients that it finds. */
export interface Pass {
  /** The tensors whose gradients it collects: null until the first arrives. */
  readonly targets: Map<Tensor, Tensor | null>;
  /** The nodes whose rules run; null: all. */
  readonly leading: ReadonlySet<Node> | null;
  /** Whether other leaves get their gradient added to `.grad`. */
  readonly toLeaves: boolean;
  /** Whether it calls the hooks of leaves; a pass within another leaves that to the outer one. */
  readonly callsHooks: boolean;
  readonly createGraph: boolean;
  readonly retainGraph: boolean;
}

const RELEASED: readonly Tensor[] = [];

let nextVisit = 1;

/** Every node from id `from` on that the roots depend on, newest first. */
export function newestFirst(roots: readonly Node[], from = 0): Node[] {
  const visit = nextVisit++;
  const nodes: Node[] = [];
  const reach = (node: Node | null): void => {
    if (node === null || node.visited === visit || node.id < from) return;
    node.visited = visit;
    node.grad = null; // a pass that threw may have left one behind
    nodes.push(node);
  };
  for (const root of roots) reach(root);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    for (let j = 0; j < node.inputs.length; j++) reach(sourceOf(node.inputs[j], node));
  }
  return nodes.sort((a, b) => b.id - a.id);
}

/** The node that made `input` as `node` saw it: the newest that is older than `node`. */
export function sourceOf(input: Tensor, node: Node): Node | null {
  let source = input.node;
  while (source !== null && source.id >= node.id) source = source.replaced;
  return source;
}

/** Whether an earlier pass has released the node. */
export function isReleased(node: Node): boolean {
  return node.inputs === RELEASED;
}

export function throwReleased(where: string): never {
  throw new AutogradError(
    `${where}: this graph was used by an earlier backward and is released; compute the result again, or keep it with retainGraph`,
  );
}

/** Runs the rules of `nodes`, newest first; the gradients of the results lie in their nodes already. */
export function propagate(nodes: readonly Node[], pass: Pass): void {
  if (pass.callsHooks && pass.toLeaves) countUses(nodes);
  const held = new Map<Tensor, Tensor>();
  const [watched, start] = [watch(false), made.length];
  try {
    withMode(pass.createGraph, pass.toLeaves, () => {
      for (const node of nodes) visit(node, pass, held);
    });
  } finally {
    watch(watched);
    if (made.length > start) made.length = start;
  }
  for (const grad of pass.targets.values()) if (grad !== null) handOut(grad);
}

function visit(node: Node, pass: Pass, held: Map<Tensor, Tensor>): void {
  const { output, hooks } = node;
  let { grad } = node;
  node.grad = null;
  if (grad !== null && hooks !== null) grad = hooks.run(grad, output);
  if (grad !== null && output.node === node && pass.targets.has(output)) {
    hold(grad);
    pass.targets.set(output, grad);
  }
  if (pass.leading !== null && !pass.leading.has(node)) return;
  if (grad === null) passNothing(node, pass, held);
  else {
    checkUnchanged(node);
    const start = made.length;
    deliver(node, gradientsOf(node, grad, pass), pass, held);
    sweep(start);
    drop(grad);
  }
  if (!pass.retainGraph && node.inputs.length > 0) node.inputs = RELEASED;
}

/** What the rule of a node gives; what it has made is counted, so that `sweep` can give it back. */
function gradientsOf(node: Node, grad: Tensor, { createGraph }: Pass): Gradients {
  if (createGraph) return node.rule(grad, node);
  if (isCustom(node.rule)) {
    pin(grad);
    return node.rule(grad, node);
  }
  const start = made.length;
  watch(true);
  const gradients = node.rule(grad, node);
  watch(false);
  count(start);
  return gradients;
}

type Gradients = readonly (Tensor | null | typeof DELIVERED)[];

function deliver(node: Node, grads: Gradients, pass: Pass, held: Map<Tensor, Tensor>): void {
  const { inputs } = node;
  for (let i = 0; i < inputs.length; i++) {
    const [input, grad] = [inputs[i], grads[i]];
    const source = sourceOf(input, node);
    if (source !== null && source.visited === node.visited) {
      if (grad instanceof Tensor) source.grad = sum(source.grad, grad, node, pass);
    } else if (input.node === source && pass.targets.has(input)) {
      if (grad instanceof Tensor) pass.targets.set(input, sum(pass.targets.get(input)!, grad, node, pass));
    } else if (input.node === null && input.requiresGrad && pass.toLeaves) {
      if (grad instanceof Tensor) arrive(input, grad, held);
      else if (grad === DELIVERED) input.hasGrad = true;
      countUse(input, pass, held);
    }
  }
}

/**
 * In a pass that is recorded, every gradient depends on that of the results, for rules are linear in it. One that does
 * not was computed by a kernel behind the tape's back.
 */
function sum(before: Tensor | null, grad: Tensor, { rule }: Node, { createGraph }: Pass): Tensor {
  if (createGraph && !grad.requiresGrad && grad.size > 0) {
    throw new AutogradError(
      `grad: ${operationOf(rule)} has no second-order gradient; its gradient rule does not record. Call grad without createGraph, or compose the function of other operations`,
    );
  }
  if (before === null) {
    hold(grad);
    return grad;
  }
  const start = made.length;
  watch(!createGraph);
  const total = add(before, grad);
  watch(false);
  count(start);
  hold(total);
  drop(before);
  return total;
}

/** No gradient reached this node, so its inputs get none from it; leaves must still be counted off. */
function passNothing(node: Node, pass: Pass, held: Map<Tensor, Tensor>): void {
  for (const input of node.inputs) if (input.node === null) countUse(input, pass, held);
}

function arrive(leaf: Tensor, grad: Tensor, held: Map<Tensor, Tensor>): void {
  if (leaf.hooks === null) return addToLeaf(leaf, grad);
  const before = held.get(leaf);
  pin(grad);
  held.set(leaf, before ? add(before, grad) : grad);
}

const isWatched = ({ gradHook, hooks }: Tensor): boolean => gradHook !== null || hooks !== null;

/** Counts the uses of leaves that have hooks, from 0: a backward that threw may have left a count behind. */
function countUses(nodes: readonly Node[]): void {
  for (const { inputs } of nodes) for (const leaf of inputs) if (isWatched(leaf)) leaf.pendingUses = 0;
  for (const { inputs } of nodes) for (const leaf of inputs) if (isWatched(leaf)) leaf.pendingUses++;
}

function countUse(leaf: Tensor, { callsHooks, toLeaves }: Pass, held: Map<Tensor, Tensor>): void {
  if (!callsHooks || !toLeaves || !isWatched(leaf) || --leaf.pendingUses > 0) return;
  const grad = held.get(leaf);
  if (grad) addToLeaf(leaf, leaf.hooks!.run(grad, leaf));
  leaf.gradHook?.(leaf);
}
