import { FlatParameters, GradwireError, Tensor, type TensorHandle } from '@gradwire/tensor';

/** Parameters start … end − 1 (elements of the flat buffer) that take the same step. */
export interface Run {
  readonly start: number;
  readonly end: number;
  /** Which step this is for them, from 1. */
  readonly step: number;
}

/**
 * Base of optimizers. Parameters lie in flat memory (FlatParameters), as does each kind of state, so a step is one
 * kernel call where all parameters have gradients; those without keep their value and state, as in PyTorch.
 */
export abstract class Optimizer {
  /** Learning rate; schedules change it. */
  lr: number;
  readonly flat: FlatParameters;
  /** Steps that each parameter has taken, [parameters], int32. */
  #steps: Tensor | undefined;
  readonly #state = new Map<string, Tensor>();

  constructor(parameters: Iterable<Tensor>, lr: number) {
    const list = [...parameters];
    if (list.length === 0) throw new GradwireError('ERR_OPTIMIZER', 'optimizer: there are no parameters to train');
    checkNumber('lr', lr, 0);
    this.lr = lr;
    this.flat = FlatParameters.of(list);
  }

  /** PyTorch's names of the state that a parameter has. */
  protected abstract readonly stateNames: readonly string[];

  /** Updates the elements of one run. */
  protected abstract updateRun(run: Run): void;

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
      let next = i + 1;
      while (next < parameters.length && parameters[next].hasGrad === parameters[i].hasGrad && steps[next] === steps[i])
        next++;
      const run = { start: Math.max(start, offsets[i]), end: Math.min(end, offsets[next]), step: steps[i] + 1 };
      if (parameters[i].hasGrad && run.start < run.end) this.updateRun(run);
      i = next;
    }
  }

  /** Counts the step that `update` has done. */
  advance(): void {
    const steps = this.steps.view();
    this.flat.parameters.forEach((parameter, i) => {
      if (parameter.hasGrad) steps[i]++;
    });
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const parameter of this.flat.parameters) parameter.grad = null;
  }

  /** State by key, "0.exp_avg" for parameter 0; each parameter's step count under "0.step". */
  stateDict(): Map<string, Tensor> {
    const dict = new Map<string, Tensor>();
    this.flat.parameters.forEach(({ shape }, i) => {
      dict.set(`${i}.step`, segment(this.steps, i, [1]));
      for (const name of this.stateNames)
        dict.set(`${i}.${name}`, segment(this.state(name), this.flat.offsets[i], shape));
    });
    return dict;
  }

  /** Copies state of the same optimizer over the same parameters. Throws GradwireError ERR_STATE_DICT if it is another's. */
  loadStateDict(dict: ReadonlyMap<string, Tensor>): void {
    const own = this.stateDict();
    for (const [key, tensor] of own) {
      const value = dict.get(key);
      if (!value || value.size !== tensor.size) {
        throw new GradwireError(
          'ERR_STATE_DICT',
          `optimizer: "${key}" is ${value ? `of ${value.size} elements instead of ${tensor.size}` : 'missing'} in the saved state, which is not of ${this.constructor.name} over this model`,
        );
      }
    }
    for (const [key, tensor] of own) tensor.view().set(dict.get(key)!.data());
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
    for (const name of this.stateNames) this.#state.set(name, Tensor.fromHandle(handle[name]));
    this.#steps = Tensor.fromHandle(handle['steps']);
  }

  /** The flat state of one kind, zero until the first step; made when it is first needed. */
  protected state(name: string): Tensor {
    let tensor = this.#state.get(name);
    if (!tensor) {
      tensor = Tensor.emptyLongLived([this.flat.data.size], 'float32', name);
      tensor.view().fill(0);
      this.#state.set(name, tensor);
    }
    return tensor;
  }

  private get steps(): Tensor {
    return (this.#steps ??= zerosLongLived(this.flat.parameters.length));
  }
}

function zerosLongLived(n: number): Tensor {
  const tensor = Tensor.emptyLongLived([n], 'int32', 'steps');
  tensor.view().fill(0);
  return tensor;
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
