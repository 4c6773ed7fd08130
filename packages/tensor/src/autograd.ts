/**
 * Reverse-mode automatic differentiation. An operation on tensors that require gradients leaves a Node on its result;
 * `backward` visits the nodes from the newest to the oldest (creation order is a topological order) and calls each
 * node's gradient rule, a plain function beside the operation's forward.
 */
import { isFloat } from './dtype.ts';
import { AutogradError, DTypeError, ShapeError } from './errors.ts';
import { accumulate, copyInto } from './ops/accumulate.ts';
import { onesLike } from './ops/fill.ts';
import { add } from './ops/arithmetic.ts';
import { Tensor } from './tensor.ts';
import { sameShape, show } from './shape.ts';

/**
 * Given dL/d(output) and the node, returns dL/d(input) for each input: null where there is none, DELIVERED where the
 * rule has written it into the leaf's gradient itself.
 */
export type GradientRule = (grad: Tensor, node: Node) => readonly (Tensor | null | typeof DELIVERED)[];

export const DELIVERED: unique symbol = Symbol('delivered');

/** One recorded operation. */
export class Node {
  /** Grows with every node of this thread, so a result's id is above those of its inputs. */
  readonly id = nextId++;
  readonly rule: GradientRule;
  /** Emptied when backward releases the graph. */
  inputs: readonly Tensor[];
  output: Tensor;
  /** What else the rule needs; each rule knows the type of its own. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly saved: any;
  /** Sum of the gradients that have arrived from the output's uses during backward. */
  grad: Tensor | null = null;
  /** Id of the last backward that reached it. */
  visited = 0;

  constructor(rule: GradientRule, inputs: readonly Tensor[], output: Tensor, saved: unknown) {
    this.rule = rule;
    this.inputs = inputs;
    this.output = output;
    this.saved = saved;
  }
}

let nextId = 1;
let nextVisit = 1;
let recording = true;

/** Whether operations record what gradients need. */
export function isRecording(): boolean {
  return recording;
}

/** Runs `fn` without recording: its results require no gradient. */
export function noGrad<T>(fn: () => T): T {
  const before = recording;
  recording = false;
  try {
    return fn();
  } finally {
    recording = before;
  }
}

/** Notes on `output` how it was computed, if a gradient may flow to one of `inputs`; returns it. */
export function record(output: Tensor, rule: GradientRule, inputs: readonly Tensor[], saved?: unknown): Tensor {
  if (!recording) return output;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].requiresGrad) {
      output.requiresGrad = true;
      output.node = new Node(rule, inputs, output, saved);
      return output;
    }
  }
  return output;
}

/**
 * Adds dL/d(leaf) to `leaf.grad` of every leaf that `root` depends on, and releases the graph.
 * root: a scalar, or any shape together with `gradient`, dL/d(root), of the same shape.
 * Throws AutogradError if no gradient can flow or the graph was released before.
 */
export function backward(root: Tensor, gradient?: Tensor): void {
  root.checkAlive();
  const seed = checkSeed(root, gradient);
  noGrad(() => {
    if (root.node === null) {
      addToLeaf(root, seed);
      root.gradHook?.(root);
      return;
    }
    const nodes = reachable(root.node);
    countUses(nodes);
    root.node.grad = seed;
    for (const node of nodes) {
      if (node.grad === null) passNothing(node);
      else deliver(node, node.rule(node.grad, node));
      node.grad = null;
      node.inputs = RELEASED;
    }
  });
}

/** Where a gradient rule may write the gradient of a leaf without a temporary; null if `input` is no plain leaf. */
export function leafTarget(input: Tensor): Tensor | null {
  if (input.node !== null || !input.requiresGrad) return null;
  return input.gradTarget();
}

const RELEASED: readonly Tensor[] = [];

function checkSeed(root: Tensor, gradient: Tensor | undefined): Tensor {
  if (!isFloat(root.dtype)) {
    throw new AutogradError(
      `backward: this tensor is ${root.dtype}; comparisons, indices and conversions to whole numbers have no gradient`,
    );
  }
  if (!root.requiresGrad) {
    throw new AutogradError('backward: this tensor does not depend on any tensor with requiresGrad');
  }
  if (gradient) {
    if (gradient.dtype !== root.dtype) {
      throw new DTypeError(`backward: the gradient is ${gradient.dtype}, but the tensor is ${root.dtype}`);
    }
    if (sameShape(gradient.shape, root.shape)) return gradient;
    throw new ShapeError(`backward: gradient ${show(gradient.shape)} must have the tensor's shape ${show(root.shape)}`);
  }
  if (root.size !== 1) {
    throw new AutogradError(`backward: a tensor of shape ${show(root.shape)} is no scalar; pass its gradient`);
  }
  return onesLike(root);
}

/** Every node that `root` depends on, newest first. */
function reachable(root: Node): Node[] {
  const visit = nextVisit++;
  const nodes: Node[] = [root];
  root.visited = visit;
  for (let i = 0; i < nodes.length; i++) {
    const { inputs } = nodes[i];
    if (inputs === RELEASED) {
      throw new AutogradError(
        'backward: this graph was used by an earlier backward and is released; compute the result again',
      );
    }
    for (let j = 0; j < inputs.length; j++) {
      const { node } = inputs[j];
      if (node !== null && node.visited !== visit) {
        node.visited = visit;
        nodes.push(node);
      }
    }
  }
  return nodes.sort((a, b) => b.id - a.id);
}

/** Counts the uses of leaves that have a gradHook, from 0: a backward that threw may have left a count behind. */
function countUses(nodes: readonly Node[]): void {
  for (const { inputs } of nodes) for (const leaf of inputs) if (leaf.gradHook !== null) leaf.pendingUses = 0;
  for (const { inputs } of nodes) for (const leaf of inputs) if (leaf.gradHook !== null) leaf.pendingUses++;
}

function deliver(node: Node, grads: readonly (Tensor | null | typeof DELIVERED)[]): void {
  const { inputs } = node;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    const grad = grads[i];
    if (input.node !== null) {
      if (grad instanceof Tensor) input.node.grad = input.node.grad === null ? grad : add(input.node.grad, grad);
    } else if (input.requiresGrad) {
      if (grad instanceof Tensor) addToLeaf(input, grad);
      else if (grad === DELIVERED) input.hasGrad = true;
      countUse(input);
    }
  }
}

/** No gradient reached this node, so its inputs get none from it; leaves must still be counted off. */
function passNothing(node: Node): void {
  for (const input of node.inputs) if (input.node === null) countUse(input);
}

function countUse(leaf: Tensor): void {
  if (leaf.gradHook !== null && --leaf.pendingUses === 0) leaf.gradHook(leaf);
}

function addToLeaf(leaf: Tensor, grad: Tensor): void {
  const target = leaf.gradTarget();
  if (leaf.hasGrad) accumulate(target, grad);
  else copyInto(target, grad);
  leaf.hasGrad = true;
}
