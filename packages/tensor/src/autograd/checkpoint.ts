/**
 * Memory for time: results inside a checkpoint are not kept for backward, but computed once more there (Chen et al. 2016).
 *
 * On the tape a checkpoint is one node, `checkpointGradient`, whose inputs are all tensors from outside on which the results
 * depend, parameters too: so hooks and counters of leaves see one use. Behind it stands one node for each result, which
 * hands its gradient on to it by way of an empty tensor. Its rule runs the function again, recorded, and makes a pass
 * over what was recorded.
 */
import { DELIVERED, enableGrad, isDelivering, isRecording, record, tick, withMode, type Node } from '../autograd.ts';
import { AutogradError } from '../errors.ts';
import { step } from '../heap/step.ts';
import { rowMajor } from '../ops/accumulate.ts';
import { add } from '../ops/arithmetic.ts';
import { detach } from '../ops/reshape.ts';
import { defaultGenerator } from '../random/default-generator.ts';
import type { GeneratorState } from '../random/generator.ts';
import { sameShape, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { tensorsIn, withTensors } from '../tensors-in.ts';
import { drop, hold } from './early-release.ts';
import { newestFirst, propagate, sourceOf } from './pass.ts';
import { recompute } from './recompute.ts';
import { readsNothing, versionOf } from './versions.ts';

type Gradients = (Tensor | null | typeof DELIVERED)[];

interface Saved {
  readonly fn: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly from: GeneratorState;
  /** What has reached each result, and in which pass. */
  readonly arrived: Map<number, { grad: Tensor; pass: number }>;
}

/**
 * fn(...args), whose inner results are not kept for backward: it runs again there, with the same random numbers of the default
 * generator. Values and gradients have the same bits as without. fn gives a tensor, or lists or plain objects with tensors, must do the
 * same when it runs again (`isRecomputing` tells it), and what else it makes is dead when it returns. Tensors among
 * args and those that fn finds elsewhere get gradients alike. Checkpoints nest.
 * Throws AutogradError if fn gives something else, or changes in place what it was given.
 */
export function checkpoint<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  if (!isRecording()) return fn(...args);
  const begin = tick();
  const from = defaultGenerator().state;
  let inputs: Tensor[] = [];
  let made: boolean[] = [];
  let result!: R;
  const moved = step(() => {
    result = fn(...args);
    const tensors = checkedTensors(result);
    const nodes = madeNodes(tensors, begin);
    inputs = outerInputs(nodes);
    made = tensors.map(({ node }) => node !== null && node.id > begin);
    for (const x of [...inputs, ...args]) if (x instanceof Tensor) checkUntouched(x, begin);
    return tensors;
  });
  inputs = inputs.filter(isAlive); // not leaves that fn has made
  if (inputs.length === 0) return withTensors(result, moved);
  const arrived: Saved['arrived'] = new Map();
  const saved: Saved = { fn: fn as unknown as Saved['fn'], args, from, arrived };
  const token = record(Tensor.empty([0], 'float32'), checkpointGradient, inputs, saved);
  const results = moved.map((x, i) => (made[i] ? record(detach(x), resultGradient, [token], { arrived, i }) : x));
  return withTensors(result, results);
}

/** Keeps the gradient for the checkpoint's own node, which comes after those of all results. */
function resultGradient(grad: Tensor, node: Node): Tensor[] {
  const { arrived, i } = node.saved as { arrived: Saved['arrived']; i: number };
  hold(grad);
  arrived.set(i, { grad, pass: node.visited });
  return [Tensor.empty([0], 'float32')];
}

function checkpointGradient(_: Tensor, node: Node): Gradients {
  const { inputs } = node;
  for (const x of inputs) if (x.node === null && x.scope !== null) x.gradTarget(); // not in the step below
  const targets = targetsOf(node);
  const run = (): (Tensor | null)[] => {
    passAgain(node, targets);
    return inputs.map((x) => targets.get(x) ?? null);
  };
  const grads = isRecording() ? run() : step(() => run().map((grad) => grad && rowMajor(grad)));
  return inputs.map((x, i) => grads[i] ?? (!targets.has(x) && x.hasGrad ? DELIVERED : null));
}

/**
 * The inputs whose gradients go on to the outer pass, with what has arrived there from elsewhere, so that sums are
 * formed in the order in which they would be without the checkpoint. Plain leaves get theirs where it belongs.
 */
function targetsOf(node: Node): Map<Tensor, Tensor | null> {
  const targets = new Map<Tensor, Tensor | null>();
  for (const x of node.inputs) {
    const source = sourceOf(x, node);
    if (source === null && x.hooks === null && isDelivering()) continue;
    const isOnTheWay = source !== null && source.visited === node.visited;
    targets.set(x, isOnTheWay ? source.grad : null);
    if (isOnTheWay) source.grad = null;
  }
  return targets;
}

/** Computes the results once more, and passes their gradients back to the leaves and targets. */
function passAgain(node: Node, targets: Map<Tensor, Tensor | null>): void {
  const { fn, args, from, arrived } = node.saved as Saved;
  const createGraph = isRecording();
  const toLeaves = isDelivering();
  const begin = tick();
  const results = tensorsIn(recompute(from, () => enableGrad(() => fn(...args))));
  const nodes = madeNodes(results, begin);
  const known = new Set(node.inputs);
  const isNew = (x: Tensor): boolean => !known.has(x) && (x.node !== null || x.scope === null);
  if (outerInputs(nodes).some(isNew)) throwUnlike();
  for (const [i, { grad, pass }] of arrived) {
    const result = results[i];
    if (pass !== node.visited) continue; // of a pass that threw
    if (!result?.node || !sameShape(result.shape, grad.shape)) throwUnlike();
    const { node: made } = result;
    hold(grad);
    made.grad = made.grad ? withMode(createGraph, toLeaves, () => add(made.grad!, grad)) : grad;
  }
  propagate(nodes, { targets, leading: null, toLeaves, callsHooks: false, createGraph, retainGraph: createGraph });
  for (const { grad, pass } of arrived.values()) if (pass === node.visited) drop(grad);
  arrived.clear();
}

/** What has been recorded since `begin` for these results. */
function madeNodes(results: readonly Tensor[], begin: number): Node[] {
  const roots = results.flatMap(({ node }) => (node !== null && node.id > begin ? [node] : []));
  return newestFirst(roots, begin);
}

/** The tensors from outside that gradients of these nodes go to. */
function outerInputs(nodes: readonly Node[]): Tensor[] {
  const inside = new Set(nodes);
  const outer = new Set<Tensor>();
  for (const node of nodes) {
    for (const x of node.inputs) {
      const source = sourceOf(x, node);
      if (source === null ? x.node === null && x.requiresGrad : !inside.has(source)) outer.add(x);
    }
  }
  return [...outer];
}

const isAlive = ({ scope }: Tensor): boolean => scope === null || scope.alive;

function checkedTensors(result: unknown): Tensor[] {
  const tensors = tensorsIn(result);
  if (tensors.length > 0) return tensors;
  throw new AutogradError('checkpoint: the function must return a tensor, or lists or plain objects with tensors');
}

function checkUntouched(x: Tensor, begin: number): void {
  if (versionOf(x) < begin) return;
  throw new AutogradError(
    `checkpoint: the function changes a tensor ${show(x.shape)} from outside in place, which would happen again in backward; change a clone() of it`,
  );
}

function throwUnlike(): never {
  throw new AutogradError(
    'checkpoint: the function did something else when it ran again in backward; what it does must depend on its arguments and the default generator alone',
  );
}

readsNothing(resultGradient);
