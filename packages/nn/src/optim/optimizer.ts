import {
  FlatParameters,
  GradwireError,
  markChanged,
  optimizerUpdate,
  Tensor,
  tensor,
  type OptimizerRule,
  type TensorHandle,
} from '@gradwire/tensor';
import { listGroups, snakeCase, type GroupOptions, type ParamGroup, type Parameters } from './param-group.ts';

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
  readonly #groupOf: readonly ParamGroup<Options>[];
  /** Steps that each parameter has taken, [parameters], int32. */
  #steps: Tensor | undefined;
  readonly #state = new Map<string, Tensor>();

  /** defaults: options of every group that does not set its own. */
  constructor(parameters: Parameters<Options>, defaults: Options) {
    this.paramGroups = listGroups(parameters, defaults);
    for (const group of this.paramGroups) {
      checkNumber('lr', group.lr, 0);
      checkNumber('weightDecay', group.weightDecay, 0);
    }
    this.#groupOf = this.paramGroups.flatMap((group) => group.params.map(() => group));
    this.flat = FlatParameters.of(this.paramGroups.flatMap(({ params }) => [...params]));
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

  /** What each element of a kind of state is before the first step. */
  protected initialState(_name: string): number {
    return 0;
  }

  /** Updates every parameter that has a gradient, in place. */
  step(): void {
    this.update(0, this.flat.data.size);
    this.advance();
  }

  /** Updates only elements start … end − 1 of the flat buffer; `advance` follows when all of them are done. */
  update(start: number, end: number): void {
    const { parameters, offsets } = this.flat;
    const steps = this.steps.view();
    for (let i = 0; i < parameters.length;) {
      const group = this.#groupOf[i]!;
      const takesSameStep = (k: number): boolean =>
        parameters[k]!.hasGrad === parameters[i]!.hasGrad && steps[k] === steps[i] && this.#groupOf[k] === group;
      let next = i + 1;
      while (next < parameters.length && takesSameStep(next)) next++;
      const from = Math.max(start, offsets[i]!);
      const to = Math.min(end, offsets[next]!);
      if (parameters[i]!.hasGrad && from < to) {
        this.updateRun({ start: from, end: to, step: steps[i]! + 1, group, first: i });
      }
      i = next;
    }
  }

  /** Counts the step that `update` has done, and notes that it changed the parameters: older graphs are refused. */
  advance(): void {
    const steps = this.steps.view();
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
    const dict = this.#parameterState();
    for (const [key, , value] of this.#groupOptions())
      dict.set(key, tensor([value].flat().map(Number), { dtype: 'float64' }));
    return dict;
  }

  /**
   * Copies state of the same optimizer over the same parameters, and the options of its groups if they are there.
   * Throws GradwireError ERR_STATE_DICT if it is another's.
   */
  loadStateDict(dict: ReadonlyMap<string, Tensor>): void {
    const own = this.#parameterState();
    const fail = (key: string, what: string): GradwireError =>
      new GradwireError(
        'ERR_STATE_DICT',
        `optimizer: "${key}" is ${what} in the saved state, which is not of ${this.constructor.name} over this model`,
      );
    for (const [key, { size }] of own) {
      const value = dict.get(key);
      if (!value) throw fail(key, 'missing');
      if (value.size !== size) throw fail(key, `of ${value.size} elements instead of ${size}`);
    }
    const options = this.#groupOptions().flatMap(([key, assign, value]) => {
      const saved = dict.get(key);
      if (saved && saved.size !== [value].flat().length) throw fail(key, `of ${saved.size} elements`);
      return saved ? [() => assign([...saved.data()])] : [];
    });
    for (const [key, target] of own) target.view().set(dict.get(key)!.data());
    for (const assign of options) assign();
  }

  /** The state as flat tensors, each as long as the parameters' buffer, and last the step counts of the parameters. */
  flatState(): Tensor[] {
    return [...this.stateNames.map((name) => this.state(name)), this.steps];
  }

  /** Where the state lies, for threads that update slices of the same parameters. */
  handle(): Record<string, TensorHandle> {
    const entries = this.stateNames.map((name) => [name, this.state(name).handle()]);
    return { ...Object.fromEntries(entries), steps: this.steps.handle() };
  }

  /** Uses state that another thread owns. */
  attach(handle: Readonly<Record<string, TensorHandle>>): void {
    for (const name of this.stateNames) this.#state.set(name, Tensor.fromHandle(handle[name]!));
    this.#steps = Tensor.fromHandle(handle['steps']!);
  }

  /** One kernel call over a run. l2 is added to the gradient; numbers and flags are those of the rule. */
  protected apply(
    rule: OptimizerRule,
    { start, end, group }: Run<Options>,
    state: readonly (string | null)[],
    numbers: readonly number[],
    { l2 = group.weightDecay, flags = [] }: { readonly l2?: number; readonly flags?: readonly boolean[] } = {},
  ): void {
    const { data: parameter, grad } = this.flat;
    const buffers = state.map((name) => (name === null ? null : this.state(name)));
    const { maximize } = group;
    optimizerUpdate(rule, { parameter, grad, state: buffers, start, end, maximize, l2, numbers, flags });
  }

  /** The flat state of one kind; made when it is first needed. */
  protected state(name: string): Tensor {
    let flat = this.#state.get(name);
    if (!flat) {
      flat = Tensor.emptyLongLived([this.flat.data.size], 'float32', name);
      flat.view().fill(this.initialState(name));
      this.#state.set(name, flat);
    }
    return flat;
  }

  private get steps(): Tensor {
    return (this.#steps ??= zerosLongLived(this.flat.parameters.length));
  }

  #parameterState(): Map<string, Tensor> {
    const dict = new Map<string, Tensor>();
    this.flat.parameters.forEach(({ shape }, i) => {
      dict.set(`${i}.step`, segment(this.steps, i, [1]));
      for (const name of this.stateNames)
        dict.set(`${i}.${name}`, segment(this.state(name), this.flat.offsets[i]!, shape));
    });
    return dict;
  }

  /** Key, setter and value of each option of each group. */
  #groupOptions(): [string, (numbers: number[]) => void, number | boolean | readonly number[]][] {
    return this.paramGroups.flatMap((group, g) => {
      const options = group as unknown as Record<string, number | boolean | readonly number[]>;
      const names = Object.keys(options).filter((name) => name !== 'params');
      return names.map((name): [string, (numbers: number[]) => void, number | boolean | readonly number[]] => {
        const value = options[name]!;
        const assign = (numbers: number[]): void => {
          options[name] =
            typeof value === 'boolean' ? numbers[0] !== 0 : typeof value === 'number' ? numbers[0]! : numbers;
        };
        return [`param_groups.${g}.${snakeCase(name)}`, assign, value];
      });
    });
  }
}

function zerosLongLived(n: number): Tensor {
  const counts = Tensor.emptyLongLived([n], 'int32', 'steps');
  counts.view().fill(0);
  return counts;
}

function segment(flat: Tensor, offset: number, shape: readonly number[]): Tensor {
  return Tensor.fromHandle({ address: flat.address + offset * 4, shape, dtype: flat.dtype });
}

/** Throws unless an option is a number from `least` (and below `limit`). */
export function checkNumber(name: string, value: number, least: number, limit = Infinity): void {
  if (!(value >= least && value < limit)) {
    const range = limit === Infinity ? `a number from ${least}` : `from ${least} to below ${limit}`;
    throw new GradwireError('ERR_OPTIMIZER', `optimizer: ${name} must be ${range}, got ${value}`);
  }
}

/** Throws unless both decay rates lie in [0, 1). */
export function checkBetas([first, second]: readonly [number, number]): void {
  checkNumber('betas[0]', first, 0, 1);
  checkNumber('betas[1]', second, 0, 1);
}
