/**
 * The tape of reverse-mode automatic differentiation: an operation on tensors that require gradients leaves a Node on
 * its result, with a gradient rule (a plain function beside the operation's forward). Node ids grow with time, so they
 * are a topological order; changes in place take numbers from the same clock (autograd/versions.ts).
 */
import { refreshView } from './autograd/rebase.ts';
import type { GradientHooks } from './autograd/hooks.ts';
import { tracer } from './autograd/trace.ts';
import type { Tensor } from './tensor.ts';

/**
 * Given dL/d(output) and the node, returns dL/d(input) for each input: null where there is none, DELIVERED where the
 * rule has written it into the leaf's gradient itself. A rule made of recorded operations has gradients of its own.
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
  /** Id of the last pass that reached it. */
  visited = 0;
  /** What is called with the gradient of the output. */
  hooks: GradientHooks | null = null;
  /** The node that the output had before it was changed in place. */
  replaced: Node | null = null;

  constructor(rule: GradientRule, inputs: readonly Tensor[], output: Tensor, saved: unknown) {
    this.rule = rule;
    this.inputs = inputs;
    this.output = output;
    this.saved = saved;
  }
}

let nextId = 1;
let recording = true;
let delivering = false;

/** The next number of the clock that nodes and changes in place share. */
export function tick(): number {
  return nextId++;
}

/** Whether operations record what gradients need. */
export function isRecording(): boolean {
  return recording;
}

/** Whether the pass in progress adds gradients to `.grad` of leaves. */
export function isDelivering(): boolean {
  return delivering;
}

/** Runs `fn` without recording: its results require no gradient. */
export function noGrad<T>(fn: () => T): T {
  return withMode(false, delivering, fn);
}

/** Runs `fn` with recording, also inside `noGrad`. */
export function enableGrad<T>(fn: () => T): T {
  return withMode(true, delivering, fn);
}

/** Runs `fn` with recording on or off, and with or without rules writing into leaves. */
export function withMode<T>(record: boolean, deliver: boolean, fn: () => T): T {
  const [before, deliveredBefore] = [recording, delivering];
  recording = record;
  delivering = deliver;
  try {
    return fn();
  } finally {
    recording = before;
    delivering = deliveredBefore;
  }
}

/** The name of the operation that a rule belongs to. */
export function operationOf({ name }: GradientRule): string {
  return name.replace(/Gradient$/, '') || 'an operation';
}

/** Notes on `output` how it was computed, if a gradient may flow to one of `inputs`; returns it. */
export function record(output: Tensor, rule: GradientRule, inputs: readonly Tensor[], saved?: unknown): Tensor {
  if (tracer !== null) tracer.ran({ name: operationOf(rule), inputs, outputs: [output], settings: saved });
  if (!recording) return output;
  let requiresGrad = false;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].base !== null) refreshView(inputs[i]);
    if (inputs[i].requiresGrad) requiresGrad = true;
  }
  if (!requiresGrad) return output;
  output.requiresGrad = true;
  output.node = new Node(rule, inputs, output, saved);
  return output;
}

/**
 * Where a gradient rule may write the gradient of a leaf without a temporary; null if `input` is no plain leaf, or the
 * pass gives its gradients back instead of adding them to leaves.
 */
export function leafTarget(input: Tensor): Tensor | null {
  if (!delivering || recording || input.node !== null || !input.requiresGrad || input.hooks !== null) return null;
  return input.gradTarget();
}
