import {
  FlatParameters,
  GradwireError,
  markChanged,
  optimizerUpdate,
  Tensor,
  type TensorHandle,
} from '@gradwire/tensor';
import { checkNumber } from './check-options.ts';

/** Where averages lie, for other threads. */
export interface AverageHandle {
  readonly average: TensorHandle;
  readonly updates: TensorHandle;
}

/**
 * Running averages of parameters, a ← a + (1 − decay)·(p − a) after each step; often better than the last weights (Polyak &
 * Juditsky 1992). As in PyTorch's AveragedModel the first update copies. Buffers, as running moments, are not averaged.
 *
 * After optimizer.step(): average.update(). To measure or save with the averages: average.swap(), and again afterwards.
 */
export class ExponentialMovingAverage {
  readonly decay: number;
  readonly flat: FlatParameters;
  #average: Tensor;
  /** How many updates there were, [1], int32. */
  #updates: Tensor;

  /** parameters: those of an optimizer, in any order; make the optimizer first. Throws GradwireError ERR_FLAT for a part. */
  constructor(parameters: Iterable<Tensor>, { decay = 0.999 }: { readonly decay?: number } = {}) {
    checkNumber('decay', decay, 0, 1);
    this.decay = decay;
    this.flat = FlatParameters.holding([...parameters]);
    this.#average = Tensor.emptyLongLived([this.flat.data.size], 'float32', 'averaged parameters');
    this.#average.view().set(this.flat.data.view());
    this.#updates = Tensor.emptyLongLived([1], 'int32', 'updates');
    this.updates = 0;
  }

  /** How many updates there were. */
  get updates(): number {
    return this.#updates.view()[0]!;
  }

  set updates(updates: number) {
    this.#updates.view()[0] = updates;
  }

  /** Moves the averages by the parameters as they are now. */
  update(): void {
    this.updateSlice(0, this.flat.data.size);
    this.advance();
  }

  /** Moves elements start … end − 1 of flat memory only; `advance` follows when all of them are done. */
  updateSlice(start: number, end: number): void {
    const { data } = this.flat;
    if (this.updates === 0) {
      this.#average.view().set(data.view().subarray(start, end) as Float32Array, start);
    } else if (start < end) {
      // a step of SGD on a, with a − p as its gradient
      const operands = { parameter: this.#average, grad: data, state: [], start, end };
      optimizerUpdate('sgd', { ...operands, maximize: true, l2: 1, numbers: [1 - this.decay] });
    }
  }

  advance(): void {
    this.updates++;
  }

  /** Exchanges parameters and averages. */
  swap(): void {
    const [parameters, averages] = [this.flat.data.view(), this.#average.view()];
    const held = parameters.slice();
    parameters.set(averages as Float32Array);
    averages.set(held as Float32Array);
    for (const parameter of this.flat.parameters) markChanged(parameter);
  }

  /** The average of one parameter, on the memory of all; undefined if it is not among them. */
  of(parameter: Tensor): Tensor | undefined {
    const index = this.flat.parameters.indexOf(parameter);
    if (index < 0) return undefined;
    const address = this.#average.address + this.flat.offsets[index]! * 4;
    return Tensor.fromHandle({ address, shape: parameter.shape, dtype: 'float32' });
  }

  /** The averages by the parameters' places in flat memory, "average.0", and "n_averaged", how many updates there were. */
  stateDict(): Map<string, Tensor> {
    const averages = this.flat.parameters.map((parameter, i): [string, Tensor] => [
      `average.${i}`,
      this.of(parameter)!,
    ]);
    return new Map([['n_averaged', this.#updates], ...averages]);
  }

  /** Copies averages of the same parameters. Throws GradwireError ERR_STATE_DICT for others. */
  loadStateDict(dict: ReadonlyMap<string, Tensor>): void {
    const own = this.stateDict();
    for (const [key, { size }] of own) {
      const saved = dict.get(key)?.size;
      if (saved === size) continue;
      const what = saved === undefined ? 'missing' : `of ${saved} elements instead of ${size}`;
      throw new GradwireError('ERR_STATE_DICT', `averages: "${key}" is ${what} in the saved state`);
    }
    for (const [key, target] of own) target.view().set(dict.get(key)!.data());
  }

  /** The averages in flat memory, and how many updates there were. */
  flatState(): Tensor[] {
    return [this.#average, this.#updates];
  }

  handle(): AverageHandle {
    return { average: this.#average.handle(), updates: this.#updates.handle() };
  }

  /** Uses averages that another thread owns. */
  attach({ average, updates }: AverageHandle): void {
    for (const own of [this.#average, this.#updates]) own[Symbol.dispose]();
    this.#average = Tensor.fromHandle(average);
    this.#updates = Tensor.fromHandle(updates);
  }
}
