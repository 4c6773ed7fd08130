import { GradwireError, step, noGrad, type Tensor } from '@gradwire/tensor';
import { callThrough, faultAt, type CallState } from './module-call.ts';
import { Hooks, type ForwardHook, type ForwardPreHook, type HookHandle } from './module-hooks.ts';
import { optionFault, settle, type Settled } from './module-options.ts';
import { Parameter } from './parameter.ts';
import { summarize } from './summary.ts';

/** Tensors by their PyTorch key, in PyTorch's order. */
export type StateDict = Map<string, Tensor>;

/**
 * Base of all layers and networks. Fields that hold a Parameter or a Module are found by themselves, in the order in
 * which they were set; their names make PyTorch's state-dict keys ("conv1.weight").
 */
export abstract class Module {
  /** Whether layers such as dropout behave as in training; set by train() and eval(). */
  training = true;
  /** @internal */
  callState: CallState | null = null;
  readonly #buffers = new Map<string, Tensor>();

  constructor() {
    callThrough(new.target.prototype as object);
  }

  abstract forward(...inputs: never[]): unknown;

  /** Keeps a tensor that belongs to the state but is not learned, under PyTorch's name. */
  protected registerBuffer(name: string, buffer: Tensor): Tensor {
    this.#buffers.set(name, buffer);
    return buffer;
  }

  /**
   * The options of a layer, for its constructor: those given, and the defaults of all others. `defaults` names every
   * option there is; an unknown name is an error (ERR_OPTION) when the layer, or a model that contains it, is first used.
   */
  protected withDefaults<O extends object, const D extends { [K in keyof O]-?: O[K] | null | undefined }>(
    given: O,
    defaults: D,
  ): Settled<O, D> {
    const fault = optionFault(given, Object.keys(defaults));
    if (fault) this.#call().fault ??= fault;
    return settle(given, defaults);
  }

  /**
   * Calls `hook` with this module and a list of its inputs before each forward. What it returns, unless undefined, is
   * the input instead, or a list of all inputs.
   */
  registerForwardPreHook(hook: ForwardPreHook): HookHandle {
    return this.#hooks().before(hook);
  }

  /** Calls `hook` with this module, its inputs and its output after each forward. What it returns, unless undefined, is the output instead. */
  registerForwardHook(hook: ForwardHook): HookHandle {
    return this.#hooks().after(hook);
  }

  #hooks(): Hooks {
    if (Object.hasOwn(this, 'forward')) callThrough(this); // a forward that is a field
    return (this.#call().hooks ??= new Hooks());
  }

  #call(): CallState {
    return (this.callState ??= { fault: null, hooks: null });
  }

  /** The modules directly inside this one, with their names. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((field): field is [string, Module] => field[1] instanceof Module);
  }

  /** This module and all inside it, with their paths; this one's is the prefix. Throws GradwireError ERR_OPTION where one has an unknown option. */
  namedModules(prefix = ''): [string, Module][] {
    const all = this.descendants(prefix);
    for (const [path, module] of all) {
      if (module.callState?.fault) throw faultAt(module.callState.fault, path, module);
    }
    return all;
  }

  /** @internal */
  descendants(prefix = ''): [string, Module][] {
    const inside = this.namedChildren().flatMap(([name, child]) => child.descendants(join(prefix, name)));
    return [[prefix, this], ...inside];
  }

  /** All parameters with their state-dict keys. A parameter that two modules share appears once. */
  namedParameters(): [string, Parameter][] {
    const seen = new Set<Parameter>();
    return this.namedModules().flatMap(([path, module]) =>
      Object.entries(module).flatMap(([name, field]): [string, Parameter][] => {
        if (!(field instanceof Parameter) || seen.has(field)) return [];
        seen.add(field);
        return [[join(path, name), field]];
      }),
    );
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** State that is not learned (running means, for example), with its keys. */
  namedBuffers(): [string, Tensor][] {
    return this.namedModules().flatMap(([path, module]) =>
      [...module.#buffers].map(([name, buffer]): [string, Tensor] => [join(path, name), buffer]),
    );
  }

  /** Parameters and buffers by key: each module's parameters, then its buffers, then the modules inside it. */
  stateDict(): StateDict {
    const state: StateDict = new Map();
    for (const [path, module] of this.namedModules()) {
      for (const [name, field] of Object.entries(module))
        if (field instanceof Parameter) state.set(join(path, name), field);
      for (const [name, buffer] of module.#buffers) state.set(join(path, name), buffer);
    }
    return state;
  }

  /**
   * Copies values into the parameters and buffers of the same keys. Throws GradwireError ERR_STATE_DICT if keys are
   * missing or left over (unless strict is false), or a shape differs; nothing is copied then.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>, { strict = true }: { strict?: boolean } = {}): void {
    const own = this.stateDict();
    const missing = [...own.keys()].filter((key) => !state.has(key));
    const unknown = [...state.keys()].filter((key) => !own.has(key));
    if (strict && (missing.length > 0 || unknown.length > 0)) {
      throw new GradwireError(
        'ERR_STATE_DICT',
        `loadStateDict: ${[...listKeys('missing', missing), ...listKeys('unknown', unknown)].join('; ')}`,
      );
    }
    for (const [key, tensor] of own) {
      const value = state.get(key);
      if (value && value.shape.join() !== tensor.shape.join()) {
        throw new GradwireError(
          'ERR_STATE_DICT',
          `loadStateDict: "${key}" is [${tensor.shape.join(', ')}] here but [${value.shape.join(', ')}] in the state`,
        );
      }
    }
    for (const [key, tensor] of own) {
      const value = state.get(key);
      if (value) tensor.view().set(value.data());
    }
  }

  /** Switches this module and all inside it to training mode, or to evaluation; returns itself. */
  train(training = true): this {
    for (const [, module] of this.namedModules()) module.training = training;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** A table of layers and parameters; with the shape of an input also the output shape of each layer. */
  summary(inputShape?: readonly number[]): string {
    return step(() => noGrad(() => summarize(this, inputShape)));
  }
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

/** "2 missing ("a", "b")", or nothing where there are none. */
function listKeys(what: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const shown = keys.slice(0, 5).map((key) => `"${key}"`);
  return [`${keys.length} ${what} (${shown.join(', ')}${keys.length > 5 ? ', …' : ''})`];
}
