/**
 * What a call of `module.forward(…)` does besides the forward itself: it runs the module's hooks, and an error that
 * passes through is told at which place of the model it arose.
 */
import {
  beginInner,
  checkpoint,
  endInner,
  GradwireError,
  hasInner,
  isFleeting,
  seenByOthers,
  Tensor,
} from '@gradwire/tensor';
import { tensorsIn } from './forward-trace.ts';
import type { Module } from './module.ts';
import type { Hooks } from './module-hooks.ts';

type Forward = (this: Module, ...inputs: unknown[]) => unknown;

/** What module-call needs to know of a module; null for nearly all, so that a call costs next to nothing. */
export interface CallState {
  /** A fault in the module's options, which is thrown at first use, when the place of the module is known. */
  fault: GradwireError | null;
  hooks: Hooks | null;
  /** Whether inner results are computed again in backward instead of being kept. */
  checkpointed: boolean;
}

const called = new WeakSet<object>();
const keepNothing = new WeakSet<object>();

/**
 * Says of a class that its forward keeps no tensor anywhere and calls no code from outside but layers, so that without gradients what
 * it makes inside may be given back when it returns. Call it in a static block of the class.
 */
export function keepsNothing({ prototype }: { readonly prototype: Module }): void {
  keepNothing.add(prototype.forward);
}

/** Makes sure that forward of `owner`, a prototype or an instance with a forward of its own, is called in this way. */
export function callThrough(owner: object): void {
  const place = owner as { forward?: Forward };
  const { forward } = place;
  if (forward === undefined || called.has(forward)) return;
  const isOurs = keepNothing.has(forward);
  const entered: Forward = function (...inputs) {
    // A subclass that calls super.forward() is inside its own call already.
    if (this.forward !== entered) return forward.apply(this, inputs);
    try {
      if (isFleeting()) return callFleeting(this, isOurs, forward, inputs);
      return call(this, forward, inputs);
    } catch (error) {
      throw error instanceof GradwireError ? located(error, this) : error;
    }
  };
  place.forward = entered;
  called.add(entered);
}

/** Without gradients, large results inside of our own layers are given back when these return. */
function callFleeting(module: Module, isOurs: boolean, forward: Forward, inputs: unknown[]): unknown {
  const { callState } = module;
  if (!isOurs || callState?.hooks || !inputs.every(isPlain)) {
    const run = (): unknown => call(module, forward, inputs);
    return seenByOthers(() => inputs.flatMap((input) => tensorsIn(input)), run);
  }
  const mark = beginInner();
  let output: unknown;
  try {
    output = call(module, forward, inputs);
  } catch (error) {
    endInner(mark, null);
    throw error;
  }
  endInner(mark, hasInner(mark) && !isPatched(module) ? tensorsIn(output) : null);
  return output;
}

/** Whether a value holds nothing in which a forward could leave a tensor. */
function isPlain(value: unknown): boolean {
  if (value instanceof Tensor || value === null || value === undefined) return true;
  if (typeof value !== 'object') return typeof value !== 'function';
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(isPlain);
}

/** Whether somebody has put a forward of his own into the module or one inside it. */
export function isPatched(module: Module): boolean {
  return module.descendants().some(([, inside]) => Object.hasOwn(inside, 'forward'));
}

function call(module: Module, forward: Forward, inputs: unknown[]): unknown {
  const { callState } = module;
  return callState === null ? forward.apply(module, inputs) : callWith(callState, module, forward, inputs);
}

function callWith(state: CallState, module: Module, forward: Forward, inputs: unknown[]): unknown {
  const { fault, hooks, checkpointed } = state;
  if (fault) throw faultAt(fault, '', module);
  const run = checkpointed ? checkpointOf(forward) : forward;
  return hooks ? hooks.run(module, run, inputs) : run.apply(module, inputs);
}

function checkpointOf(forward: Forward): Forward {
  return function (...inputs) {
    return checkpoint((...given) => forward.apply(this, given), ...inputs);
  };
}

/** Where an error arose, as far as it is known: its innermost module, seen from the outermost that it has passed. */
interface Place {
  seenFrom: Module;
  path: string;
  readonly type: string;
  readonly message: string;
}

const places = new WeakMap<GradwireError, Place>();

/** Writes into the message the path from `module`, which the error passes, to the module where it arose. */
function located(error: GradwireError, module: Module): GradwireError {
  const place = places.get(error);
  if (!place) {
    const { message } = error;
    places.set(error, { seenFrom: module, path: '', type: module.constructor.name, message });
    return error;
  }
  const [name] = module.descendants().find(([path, inside]) => path !== '' && inside === place.seenFrom) ?? [];
  if (name === undefined) return error; // not registered here; a module further out may know it
  place.path = place.path === '' ? name : `${name}.${place.path}`;
  place.seenFrom = module;
  const { path, type, message } = place;
  return retold(
    error,
    `${path} (${type}): ${message.startsWith(`${type}: `) ? message.slice(type.length + 2) : message}`,
  );
}

/** The fault of a module at `path`, as an error whose stack shows where the module was made. */
export function faultAt(fault: GradwireError, path: string, { constructor: { name } }: Module): GradwireError {
  const error = new GradwireError(fault.code, fault.message);
  if (fault.stack !== undefined) error.stack = fault.stack;
  return retold(error, `${path === '' ? name : `${path} (${name})`}: ${fault.message}`);
}

/** The same error with another message, in its stack too. */
function retold(error: GradwireError, message: string): GradwireError {
  const stack = error.stack?.replace(error.message, () => message);
  error.message = message;
  if (stack !== undefined) error.stack = stack;
  return error;
}
