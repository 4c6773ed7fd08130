import { enableGrad, Node } from '../autograd.ts';
import { AutogradError } from '../errors.ts';
import { add } from '../ops/arithmetic.ts';
import { detach } from '../ops/reshape.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { hold } from './early-release.ts';
import { isReleased, newestFirst, propagate, sourceOf, throwReleased } from './pass.ts';
import { refreshView } from './rebase.ts';
import { checkedSeed } from './seed.ts';

type OneOrMore<T> = T | readonly T[];

export interface GradOptions {
  /** dL/d(output) for each output; null, or none at all, means 1, for scalars. */
  readonly gradOutputs?: OneOrMore<Tensor | null>;
  /** Records the computation of the gradients, so that they have gradients themselves. */
  readonly createGraph?: boolean;
  /** Keeps the graph of the outputs, so that it can be used again. Default: createGraph. */
  readonly retainGraph?: boolean;
  /** Gives null for inputs that the outputs do not depend on, instead of an error. */
  readonly allowUnused?: boolean;
}

/**
 * The gradients of Σ outputs with respect to each of `inputs` (leaves or results), [input] → tensors of their shapes. No
 * `.grad` changes, and only what lies between inputs and outputs is computed. Throws AutogradError if an input has no
 * part in the outputs, the graph was released, or, with createGraph, an operation has no second-order gradient.
 */
export function grad(
  outputs: OneOrMore<Tensor>,
  inputs: OneOrMore<Tensor>,
  options: GradOptions & { readonly allowUnused: true },
): (Tensor | null)[];
export function grad(outputs: OneOrMore<Tensor>, inputs: OneOrMore<Tensor>, options?: GradOptions): Tensor[];
export function grad(
  outputs: OneOrMore<Tensor>,
  inputs: OneOrMore<Tensor>,
  options: GradOptions = {},
): (Tensor | null)[] {
  const { createGraph = false, retainGraph = createGraph, allowUnused = false } = options;
  const roots = listed(outputs);
  const wanted = listed(inputs);
  wanted.forEach(checkWanted);
  const given = listed(options.gradOutputs ?? []);
  const seeds = roots.map((root, i) => {
    const seed = checkedSeed('grad', root, given[i]);
    return createGraph && !seed.requiresGrad ? asSource(seed) : seed;
  });
  const targets = new Map<Tensor, Tensor | null>(wanted.map((input) => [input, null]));
  const reached = newestFirst(roots.flatMap(({ node }) => node ?? []));
  const leading = leadingTo(targets, reached);
  const nodes = reached.filter((node) => leading.has(node) || isTarget(targets, node.output, node));
  if (nodes.some(isReleased)) throwReleased('grad');
  for (const node of reached) if (!leading.has(node) && !isTarget(targets, node.output, node)) node.visited = 0;
  const isCut = reached.some(isReleased); // an unused input may lie behind it
  plant(roots, seeds, targets, createGraph);
  propagate(nodes, { targets, leading, toLeaves: false, callsHooks: true, createGraph, retainGraph });
  return wanted.map((input, i) => {
    const found = targets.get(input)!;
    if (found === null && !allowUnused) throwUnused(input, i, isCut);
    const result = found && input.node === null && input.hooks ? input.hooks.run(found, input) : found;
    return result && createGraph && !dependsOnLeaf(result) ? detach(result) : result;
  });
}

function listed<T>(x: OneOrMore<T>): readonly T[] {
  return Array.isArray(x) ? (x as readonly T[]) : [x as T];
}

function checkWanted(input: Tensor, i: number): void {
  refreshView(input);
  if (!input.requiresGrad) {
    throw new AutogradError(
      `grad: input ${i} ${show(input.shape)} requires no gradient; call requiresGrad_() on it first`,
    );
  }
}

function throwUnused(input: Tensor, i: number, released: boolean): never {
  if (released) throwReleased('grad');
  throw new AutogradError(
    `grad: input ${i} ${show(input.shape)} has no part in the outputs; allowUnused: true gives null for it`,
  );
}

/**
 * A gradient whose dependants can be told from what was computed behind the tape's back: it requires a gradient, and
 * drops it.
 */
function asSource(seed: Tensor): Tensor {
  const source = detach(seed);
  source.requiresGrad = true;
  source.node = new Node(drop, [], source, null);
  return source;
}
const drop = (): [] => [];

/** Puts the seeds where the pass begins. */
function plant(
  roots: readonly Tensor[],
  seeds: Tensor[],
  targets: Map<Tensor, Tensor | null>,
  createGraph: boolean,
): void {
  const sum = (a: Tensor, b: Tensor): Tensor => (createGraph ? enableGrad(() => add(a, b)) : add(a, b));
  roots.forEach((root, i) => {
    const { node } = root;
    hold(seeds[i]);
    if (node !== null) node.grad = node.grad ? sum(node.grad, seeds[i]) : seeds[i];
    else if (targets.has(root)) {
      const before = targets.get(root);
      targets.set(root, before ? sum(before, seeds[i]) : seeds[i]);
    }
  });
}

function isTarget(targets: ReadonlyMap<Tensor, unknown>, x: Tensor, source: Node | null): boolean {
  return x.node === source && targets.has(x);
}

/** The nodes through which a gradient reaches one of the targets. */
function leadingTo(targets: ReadonlyMap<Tensor, unknown>, newestFirst: readonly Node[]): Set<Node> {
  const leading = new Set<Node>();
  for (let i = newestFirst.length - 1; i >= 0; i--) {
    const node = newestFirst[i];
    const leads = node.inputs.some((input) => {
      const source = sourceOf(input, node);
      return (source !== null && leading.has(source)) || isTarget(targets, input, source);
    });
    if (leads) leading.add(node);
  }
  return leading;
}

/** Whether a recorded gradient depends on more than the seeds. */
function dependsOnLeaf(result: Tensor): boolean {
  if (result.node === null) return result.requiresGrad;
  const reached = new Set<Node>([result.node]);
  for (const node of reached) {
    for (const input of node.inputs) {
      const source = sourceOf(input, node);
      if (source !== null) reached.add(source);
      else if (input.node === null && input.requiresGrad) return true;
    }
  }
  return false;
}
