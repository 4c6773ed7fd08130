import { Tensor, type FlatParameters, type TensorHandle, type TypedArray } from '@gradwire/tensor';

/** What an optimizer remembers of its parameters: buffers as long as flat memory, and how many steps each has taken. */
export class OptimizerState {
  readonly #flat: FlatParameters;
  readonly #names: () => readonly string[];
  readonly #initial: (name: string) => number;
  readonly #buffers = new Map<string, Tensor>();
  #steps: Tensor | undefined;
  #counts: TypedArray | undefined;

  /** initial: what each element of a buffer is before the first step. */
  constructor(flat: FlatParameters, names: () => readonly string[], initial: (name: string) => number) {
    this.#flat = flat;
    this.#names = names;
    this.#initial = initial;
  }

  /** Steps that each parameter has taken, [parameters], int32. */
  get steps(): Tensor {
    return (this.#steps ??= filled(this.#flat.parameters.length, 'int32', 'steps', 0));
  }

  /** The elements of `steps`, by one view for all steps. */
  get counts(): TypedArray {
    return (this.#counts ??= this.steps.view());
  }

  /** The buffer of one kind; made when it is first needed. */
  buffer(name: string): Tensor {
    const known = this.#buffers.get(name);
    if (known) return known;
    const made = filled(this.#flat.data.size, 'float32', name, this.#initial(name));
    this.#buffers.set(name, made);
    return made;
  }

  /** All buffers, and last the step counts. */
  tensors(): Tensor[] {
    return [...this.#names().map((name) => this.buffer(name)), this.steps];
  }

  /** The state of each parameter by key: "0.exp_avg", and its step count under "0.step". */
  byParameter(): Map<string, Tensor> {
    const dict = new Map<string, Tensor>();
    const { parameters, offsets } = this.#flat;
    parameters.forEach(({ shape }, i) => {
      dict.set(`${i}.step`, segment(this.steps, i, [1]));
      for (const name of this.#names()) dict.set(`${i}.${name}`, segment(this.buffer(name), offsets[i]!, shape));
    });
    return dict;
  }

  handle(): Record<string, TensorHandle> {
    const entries = this.#names().map((name) => [name, this.buffer(name).handle()]);
    return { ...Object.fromEntries(entries), steps: this.steps.handle() };
  }

  attach(handle: Readonly<Record<string, TensorHandle>>): void {
    for (const name of this.#names()) this.#buffers.set(name, Tensor.fromHandle(handle[name]!));
    this.#steps = Tensor.fromHandle(handle['steps']!);
    this.#counts = undefined;
  }
}

function filled(size: number, dtype: 'float32' | 'int32', purpose: string, value: number): Tensor {
  const buffer = Tensor.emptyLongLived([size], dtype, purpose);
  buffer.view().fill(value);
  return buffer;
}

function segment(flat: Tensor, offset: number, shape: readonly number[]): Tensor {
  return Tensor.fromHandle({ address: flat.address + offset * 4, shape, dtype: flat.dtype });
}
