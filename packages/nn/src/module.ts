import { GradwireError, noGrad, step, type HookHandle, type Tensor } from '@gradwire/tensor';
import type { SummaryInput } from './forward-trace.ts';
import { callThrough, faultAt, type CallState } from './module-call.ts';
import { Hooks, type ForwardHook, type ForwardPreHook, type FullBackwardHook } from './module-hooks.ts';
import { optionFault, settle, type Settled } from './module-options.ts';
import { Parameter } from './parameter.ts';
import { copyState, shorten, type StateDict } from './state-dict.ts';
import { summarize } from './summary.ts';

/**
 * Base of all layers and networks. Fields that hold a Parameter or a Module are found by themselves, in the order in
 * which they were set; their names make PyTorch's state-dict keys ("conv1.weight").
 */
export abstract class Module {
  /** Whether layers such as dropout behave as in training; set by train() and eval(). */
  training = true;
  /** @internal */
  callState: CallState | null = null;
  readonly #buffers = new Map<string, { readonly tensor: Tensor; readonly persistent: boolean }>();

  constructor() {
    callThrough(new.target.prototype as object);
  }

  abstract forward(...inputs: never[]): unknown;

  /**
   * Floating-point operations of a forward that has made `output` of `inputs`, without those of the modules inside: products
   * with weights, attention and normalisation, where a multiply-add counts as 2. Summary adds them up.
   */
  flops(_output: unknown, ..._inputs: unknown[]): number {
    return 0;
  }

  /** Keeps a tensor that is not learned, under PyTorch's name; in the state dict too, unless persistent is false. */
  protected registerBuffer(name: string, buffer: Tensor, { persistent = true }: { persistent?: boolean } = {}): Tensor {
    this.#buffers.set(name, { tensor: buffer, persistent });
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

  /**
   * Calls `hook` with this module, dL/d(input) of each input and dL/d(output) of each output in every backward through it;
   * an output that nothing has used has zeros. What it returns, unless undefined, goes on backwards instead of dL/d(input).
   * It sees tensors that are inputs, the output, or in the list that is the output, not those inside of other objects.
   */
  registerFullBackwardHook(hook: FullBackwardHook): HookHandle {
    return this.#hooks().backward(hook);
  }

  /**
   * Makes every forward of this module a checkpoint, or stops it: its inner results are computed again in backward, with the
   * same bits, instead of being kept (Chen et al. 2016). Worth it for the large parts of a network one after the other, such as
   * its blocks. Returns itself; see `checkpoint` of @gradwire/tensor for what forward must keep to.
   */
  checkpoint_(enabled = true): this {
    this.#call().checkpointed = enabled;
    return this;
  }

  #hooks(): Hooks {
    if (Object.hasOwn(this, 'forward')) callThrough(this); // a forward that is a field
    return (this.#call().hooks ??= new Hooks());
  }

  #call(): CallState {
    return (this.callState ??= { fault: null, hooks: null, checkpointed: false });
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

  /** @internal Puts another module in the place of the one of this name directly inside. */
  replaceChild(name: string, module: Module): void {
    (this as Record<string, unknown>)[name] = module;
  }

  /** The modules directly inside this one. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all inside it, each once. */
  modules(): Module[] {
    return [...new Set(this.namedModules().map(([, module]) => module))];
  }

  /** The module at a path such as "encoder.layers.0"; this one at "". Throws GradwireError ERR_SUBMODULE where there is none. */
  getSubmodule(path: string): Module {
    const found = this.namedModules().find(([name]) => name === path);
    if (found) return found[1];
    const near = this.namedModules().filter(([name]) => name !== '');
    throw new GradwireError(
      'ERR_SUBMODULE',
      `getSubmodule: ${this.constructor.name} has no module "${path}"; it has ${shorten(near.map(([name]) => name))}`,
    );
  }

  /** Calls `fn` with every module, those inside before those around them; returns itself. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** The parameters of this module alone, by name. */
  protected ownParameters(): [string, Parameter][] {
    return Object.entries(this).filter((field): field is [string, Parameter] => field[1] instanceof Parameter);
  }

  /** All parameters with their state-dict keys. A parameter that two modules share appears once. */
  namedParameters(): [string, Parameter][] {
    const seen = new Set<Parameter>();
    return this.namedModules().flatMap(([path, module]) =>
      module.ownParameters().flatMap(([name, parameter]): [string, Parameter][] => {
        if (seen.has(parameter)) return [];
        seen.add(parameter);
        return [[join(path, name), parameter]];
      }),
    );
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** State that is not learned (running means, for example), with its keys. */
  namedBuffers(): [string, Tensor][] {
    return this.namedModules().flatMap(([path, module]) =>
      [...module.#buffers].map(([name, { tensor }]): [string, Tensor] => [join(path, name), tensor]),
    );
  }

  buffers(): Tensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  /** Parameters and persistent buffers by key: each module's parameters, then its buffers, then the modules inside it. */
  stateDict(): StateDict {
    const state: StateDict = new Map();
    for (const [path, module] of this.namedModules()) {
      for (const [name, parameter] of module.ownParameters()) state.set(join(path, name), parameter);
      for (const [name, { tensor, persistent }] of module.#buffers) if (persistent) state.set(join(path, name), tensor);
    }
    return state;
  }

  /**
   * Copies values into the parameters and buffers of the same keys, converted to their element type. Throws
   * GradwireError ERR_STATE_DICT if keys are missing or left over (unless strict is false), or a shape differs; nothing
   * is copied then.
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>, { strict = true }: { strict?: boolean } = {}): void {
    copyState(state, this.stateDict(), strict);
  }

  /** Freezes all parameters (false), or lets them learn again; returns itself. Frozen ones get no gradient, so optimizers leave them alone. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
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

  /**
   * A table of layers and parameters; with an input, or a list of all inputs of forward, also each layer's output shape,
   * FLOPs and bytes of activations, in evaluation. A shape stands for zeros.
   */
  summary(input?: SummaryInput | readonly SummaryInput[]): string {
    return step(() => noGrad(() => summarize(this, input)));
  }
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}
