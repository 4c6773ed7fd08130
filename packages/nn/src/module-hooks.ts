import type { Module } from './module.ts';

/** Sees a module's inputs before its forward runs; may return others instead, one alone or a list of all. */
export type ForwardPreHook = (module: Module, inputs: readonly unknown[]) => unknown;

/** Sees what forward has made of the inputs; may return another output instead. */
export type ForwardHook = (module: Module, inputs: readonly unknown[], output: unknown) => unknown;

/** Takes a hook away again. */
export interface HookHandle {
  remove(): void;
}

/** The hooks of one module, called in the order in which they were registered. */
export class Hooks {
  readonly #before = new Set<{ hook: ForwardPreHook }>();
  readonly #after = new Set<{ hook: ForwardHook }>();

  before(hook: ForwardPreHook): HookHandle {
    return register(this.#before, { hook });
  }

  after(hook: ForwardHook): HookHandle {
    return register(this.#after, { hook });
  }

  run(module: Module, forward: (this: Module, ...inputs: unknown[]) => unknown, inputs: unknown[]): unknown {
    for (const { hook } of this.#before) {
      const changed = hook(module, inputs);
      if (changed !== undefined) inputs = Array.isArray(changed) ? (changed as unknown[]) : [changed];
    }
    let output = forward.apply(module, inputs);
    for (const { hook } of this.#after) {
      const changed = hook(module, inputs, output);
      if (changed !== undefined) output = changed;
    }
    return output;
  }
}

/** The same function may be registered twice, so each registration has an entry of its own. */
function register<E>(entries: Set<E>, entry: E): HookHandle {
  entries.add(entry);
  return { remove: () => void entries.delete(entry) };
}
