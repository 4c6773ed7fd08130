import {
  FlatParameters,
  markChanged,
  optimizerUpdate,
  type OptimizerRule,
  type OptimizerUpdate,
  type Tensor,
  type TensorHandle,
} from '@gradwire/tensor';
import { checkNumber } from './check-options.ts';
import type { FlatNorms } from './flat-norms.ts';
import { loadState, saveState } from './optimizer-state-dict.ts';
import { OptimizerState } from './optimizer-state.ts';
import { listGroups, type GroupOptions, type ParamGroup, type Parameters } from './param-group.ts';

/** Parameters start … end − 1 (elements of the flat buffer) that take the same step. */
export interface Run<Options extends GroupOptions = GroupOptions> {
  readonly start: number;
  readonly end: number;
  /** Which step this is for them, from 1. */
  readonly step: number;
  readonly group: ParamGroup<Options>;
  /** Index of the first parameter of the run. */
  readonly first: number;
}

/**
 * Base of optimizers. Parameters lie in flat memory (FlatParameters), group after group, as does each kind of state, so
 * a step is one kernel call for all parameters of a group that have gradients; those without keep their value and
 * state, as in PyTorch.
 */
export abstract class Optimizer<Options extends GroupOptions = GroupOptions> {
  /** The groups with their options, which may change between steps. */
  readonly paramGroups: readonly ParamGroup<Options>[];
  readonly flat: FlatParameters;
  /** Norms that `prepare` measures and `update` reads. */
  readonly norms: readonly FlatNorms[] = [];
  readonly #groupOf: readonly ParamGroup<Options>[];
  readonly #state: OptimizerState;

  /** defaults: options of every group that does not set its own. */
  constructor(parameters: Parameters<Options>, defaults: Options) {
    this.paramGroups = listGroups(parameters, defaults);
    for (const group of this.paramGroups) {
      checkNumber('lr', group.lr, 0);
      checkNumber('weightDecay', group.weightDecay, 0);
    }
    this.#groupOf = this.paramGroups.flatMap((group) => group.params.map(() => group));
    this.flat = FlatParameters.of(this.paramGroups.flatMap(({ params }) => [...params]));
    this.#state = new OptimizerState(
      this.flat,
      () => this.stateNames,
      (name) => this.initialState(name),
    );
  }

  /** Learning rate of the first group; setting it sets that of all groups. */
  get lr(): number {
    return this.paramGroups[0]!.lr;
  }

  set lr(lr: number) {
    for (const group of this.paramGroups) group.lr = lr;
  }

  /** PyTorch's names of the state that a parameter has, in the order of the kernel. */
  protected abstract readonly stateNames: readonly string[];

  /** Updates the elements of one run. */
  protected abstract updateRun(run: Run<Options>): void;

  /** Measures the norms of one run. */
  protected prepareRun(_run: Run<Options>): void {}

  /** What each element of a kind of state is before the first step. */
  protected initialState(_name: string): number {
    return 0;
  }

  /** Updates every parameter that has a gradient, in place. */
  step(): void {
    const { size } = this.flat.data;
    this.prepare(0, size);
    this.update(0, size);
    this.advance();
  }

  /**
   * Measures the norms of elements start … end − 1 of flat memory. In a step that is taken in slices, all of them are
   * prepared before the first is updated; an optimizer without norms does nothing here.
   */
  prepare(start: number, end: number): void {
    if (this.norms.length > 0) this.#eachRun(start, end, (run) => this.prepareRun(run));
  }

  /** Updates only elements start … end − 1 of flat memory; `advance` follows when all of them are done. */
  update(start: number, end: number): void {
    this.#eachRun(start, end, (run) => this.updateRun(run));
  }

  /** Counts the step that `update` has done, and notes that it changed the parameters: older graphs are refused. */
  advance(): void {
    const steps = this.#state.counts;
    this.flat.parameters.forEach((parameter, i) => {
      if (!parameter.hasGrad) return;
      steps[i]!++;
      markChanged(parameter);
    });
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const parameter of this.flat.parameters) parameter.grad = null;
  }

  /**
   * State by key, "0.exp_avg" for parameter 0, each parameter's step count under "0.step"; and the options of the groups
   * as numbers, "param_groups.0.lr".
   */
  stateDict(): Map<string, Tensor> {
    return saveState(this.#state, this.paramGroups);
  }

  /**
   * Copies state of the same optimizer over the same parameters, and the options of its groups if they are there.
   * Throws GradwireError ERR_STATE_DICT if it is another's.
   */
  loadStateDict(dict: ReadonlyMap<string, Tensor>): void {
    loadState(this.constructor.name, this.#state, this.paramGroups, dict);
  }

  /** The state as flat tensors, each as long as the parameters' buffer, and last the step counts of the parameters. */
  flatState(): Tensor[] {
    return this.#state.tensors();
  }

  /** Where state and norms lie, for threads that update slices of the same parameters. */
  handle(): Record<string, TensorHandle> {
    const norms = this.norms.map((norm, i) => [`norms.${i}`, norm.handle()]);
    return { ...this.#state.handle(), ...Object.fromEntries(norms) };
  }

  /** Uses state and norms that another thread owns. */
  attach(handle: Readonly<Record<string, TensorHandle>>): void {
    this.#state.attach(handle);
    this.norms.forEach((norm, i) => norm.attach(handle[`norms.${i}`]!));
  }

  /** One kernel call over a run. l2 is added to the gradient; numbers and flags are those of the rule. */
  protected apply(
    rule: OptimizerRule,
    { start, end, group }: Run<Options>,
    state: readonly (string | null)[],
    numbers: readonly number[],
    { l2 = group.weightDecay, flags = [] }: { readonly l2?: number; readonly flags?: readonly boolean[] } = {},
  ): void {
    const { parameter, grad, state: buffers, maximize } = this.operands(group, state); // spreading it costs microseconds
    optimizerUpdate(rule, { parameter, grad, state: buffers, maximize, start, end, l2, numbers, flags });
  }

  /** What kernels work on; a kind of state that the variant at hand does without is null. */
  protected operands(
    { maximize }: ParamGroup<Options>,
    state: readonly (string | null)[],
  ): Pick<OptimizerUpdate, 'parameter' | 'grad' | 'state' | 'maximize'> {
    const { data: parameter, grad } = this.flat;
    const buffers = state.map((name) => (name === null ? null : this.#state.buffer(name)));
    return { parameter, grad, state: buffers, maximize };
  }

  /** Calls `visit` for each stretch of parameters in elements start … end − 1 that take the same step. */
  #eachRun(start: number, end: number, visit: (run: Run<Options>) => void): void {
    const { parameters, offsets } = this.flat;
    const steps = this.#state.counts;
    for (let i = 0; i < parameters.length;) {
      const group = this.#groupOf[i]!;
      const takesSameStep = (k: number): boolean =>
        parameters[k]!.hasGrad === parameters[i]!.hasGrad && steps[k] === steps[i] && this.#groupOf[k] === group;
      let next = i + 1;
      while (next < parameters.length && takesSameStep(next)) next++;
      const from = Math.max(start, offsets[i]!);
      const to = Math.min(end, offsets[next]!);
      if (parameters[i]!.hasGrad && from < to) visit({ start: from, end: to, step: steps[i]! + 1, group, first: i });
      i = next;
    }
  }
}
