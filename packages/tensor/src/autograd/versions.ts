/**
 * Changes in place, and the rules that must not meet one. Each memory has the time of its last change, on the clock that
 * also numbers nodes: a tensor was changed after an operation read it exactly if that time is above the node's id. So
 * recording stores nothing for this check.
 */
import { operationOf, tick, type GradientRule, type Node } from '../autograd.ts';
import { AutogradError } from '../errors.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { tracer } from './trace.ts';

interface Reads {
  readonly inputs: boolean | 'factors';
  readonly output: boolean;
}

const ALL: Reads = { inputs: true, output: true };
const reads = new WeakMap<GradientRule, Reads>();
let lastChange = 0;

/** Says of rules that they read no values of the node's inputs or output (what they save is checked all the same). */
export function readsNothing(...rules: GradientRule[]): void {
  for (const rule of rules) reads.set(rule, { inputs: false, output: false });
}

/** Says of rules that they read values of the node's inputs but not of its output. */
export function readsInputs(...rules: GradientRule[]): void {
  for (const rule of rules) reads.set(rule, { inputs: true, output: false });
}

/** Says of rules of products that they read an input only where another one gets a gradient. */
export function readsFactors(...rules: GradientRule[]): void {
  for (const rule of rules) reads.set(rule, { inputs: 'factors', output: false });
}

/** Says of rules that they read values of the node's output but not of its inputs. */
export function readsOutput(...rules: GradientRule[]): void {
  for (const rule of rules) reads.set(rule, { inputs: false, output: true });
}

/**
 * Notes that the values of x, and of everything that shares its memory, have changed: backward then refuses rules that
 * would read the old ones. Operations in place and optimizers do it themselves; call it after writing through `view()`.
 */
export function markChanged(x: Tensor): void {
  tracer?.changed(x);
  lastChange = tick();
  storageOf(x).version = lastChange;
}

/** Throws AutogradError if the node's rule would read a tensor that was changed in place since. */
export function checkUnchanged(node: Node): void {
  if (lastChange < node.id) return;
  const { inputs, output } = reads.get(node.rule) ?? ALL;
  node.inputs.forEach((input, i) => {
    if (inputs === true || (inputs === 'factors' && node.inputs.some((other, k) => k !== i && other.requiresGrad))) {
      check(node, input, 'its input');
    }
  });
  if (output) check(node, node.output, 'its result');
  checkSaved(node, node.saved, 2);
}

function checkSaved(node: Node, saved: unknown, depth: number): void {
  if (saved instanceof Tensor) check(node, saved, 'a tensor it saved');
  else if (depth > 0 && typeof saved === 'object' && saved !== null) {
    for (const value of Object.values(saved)) checkSaved(node, value, depth - 1);
  }
}

function check(node: Node, x: Tensor, what: string): void {
  const version = versionOf(x);
  if (version < node.id) return;
  throw new AutogradError(
    `backward: ${operationOf(node.rule)} needs ${what} ${show(x.shape)} as it was at ${node.id} on the tape, but it was ` +
      `changed in place at ${version}; change a clone() of it, or change it after backward`,
  );
}

/** When the memory of x was last changed in place. */
export function versionOf(x: Tensor): number {
  return storageOf(x).version;
}

/** The tensor whose memory x shares, or x itself. */
export function storageOf(x: Tensor): Tensor {
  let owner = x;
  while (owner.storage !== null) owner = owner.storage;
  return owner;
}
