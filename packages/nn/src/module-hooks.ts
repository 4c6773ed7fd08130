import { ShapeError, type HookHandle, type Tensor } from '@gradwire/tensor';
import { callBetweenGates, type Gradients } from './backward-gate.ts';
import type { Module } from './module.ts';

/** Sees a module's inputs before its forward runs; may return others instead, one alone or a list of all. */
export type ForwardPreHook = (module: Module, inputs: readonly unknown[]) => unknown;

/** Sees what forward has made of the inputs; may return another output instead. */
export type ForwardHook = (module: Module, inputs: readonly unknown[], output: unknown) => unknown;

/**
 * Sees the gradients of a module's inputs and outputs, null where none flows; may return others for the inputs, one alone
 * or a list of all. It must not change its arguments.
 */
export type FullBackwardHook = (
  module: Module,
  ofInputs: Gradients,
  ofOutputs: Gradients,
) => Tensor | Gradients | undefined | void;

/** The hooks of one module, called in the order in which they were registered. */
export class Hooks {
  readonly #before = new Set<{ hook: ForwardPreHook }>();
  readonly #after = new Set<{ hook: ForwardHook }>();
  readonly #backward = new Set<{ hook: FullBackwardHook }>();

  before(hook: ForwardPreHook): HookHandle {
    return register(this.#before, { hook });
  }

  after(hook: ForwardHook): HookHandle {
    return register(this.#after, { hook });
  }

  backward(hook: FullBackwardHook): HookHandle {
    return register(this.#backward, { hook });
  }

  run(module: Module, forward: (this: Module, ...inputs: unknown[]) => unknown, inputs: unknown[]): unknown {
    for (const { hook } of this.#before) {
      const changed = hook(module, inputs);
      if (changed !== undefined) inputs = Array.isArray(changed) ? (changed as unknown[]) : [changed];
    }
    const call = (given: unknown[]): unknown => this.#call(module, forward, given);
    if (this.#backward.size === 0) return call(inputs);
    return callBetweenGates(call, inputs, (ofInputs, ofOutputs) => this.#runBackward(module, ofInputs, ofOutputs));
  }

  #call(module: Module, forward: (this: Module, ...inputs: unknown[]) => unknown, inputs: unknown[]): unknown {
    let output = forward.apply(module, inputs);
    for (const { hook } of this.#after) {
      const changed = hook(module, inputs, output);
      if (changed !== undefined) output = changed;
    }
    return output;
  }

  #runBackward(module: Module, ofInputs: Gradients, ofOutputs: Gradients): Gradients {
    for (const { hook } of this.#backward) {
      const changed = hook(module, ofInputs, ofOutputs);
      if (changed === undefined) continue;
      const all: Gradients = Array.isArray(changed) ? (changed as Gradients) : [changed as Tensor];
      if (all.length !== ofInputs.length) {
        throw new ShapeError(
          `a backward hook of ${module.constructor.name} returned ${all.length} gradients for ${ofInputs.length} inputs`,
        );
      }
      ofInputs = all;
    }
    return ofInputs;
  }
}

/** The same function may be registered twice, so each registration has an entry of its own. */
function register<E>(entries: Set<E>, entry: E): HookHandle {
  entries.add(entry);
  return { remove: () => void entries.delete(entry) };
}
