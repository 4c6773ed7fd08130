import { Parameter, type Module } from '@gradwire/nn';
import { Tensor, type TensorHandle } from '@gradwire/tensor';

/**
 * What a model keeps beside its parameters: running moments and counts. A run has one value of each, in the memory of
 * the process's main thread. Every logical shard of a step begins with these values in buffers of its thread's own;
 * at the end of the step they move by the mean of the shards' changes, weighted by their examples, which is summed in
 * the fixed tree over shards. So they are the same bits wherever the shards are computed; whole numbers are rounded.
 */
export class ModelBuffers {
  readonly #own: readonly Tensor[];
  #run: readonly Tensor[];
  /** Numbers in all buffers. */
  readonly size: number;

  constructor(model: Module) {
    this.#own = [...new Set(model.stateDict().values())].filter((tensor) => !(tensor instanceof Parameter));
    this.#run = this.#own;
    this.size = this.#own.reduce((sum, { size }) => sum + size, 0);
  }

  /** The run's values, for broadcasts. */
  get tensors(): readonly Tensor[] {
    return this.#run;
  }

  handle(): TensorHandle[] {
    return this.#run.map((tensor) => tensor.handle());
  }

  /** Takes the values of another thread for the run's. */
  attach(handles: readonly TensorHandle[]): void {
    this.#run = handles.map((handle) => Tensor.fromHandle(handle));
  }

  /** Gives the model the run's values. */
  load(): void {
    this.#own.forEach((tensor, i) => tensor.view().set(this.#run[i]!.view()));
  }

  /** Writes `share` times what the model has changed since `load` to `changes`, [size]. */
  measure(share: number, changes: Float64Array): void {
    let next = 0;
    this.#own.forEach((tensor, i) => {
      const before = this.#run[i]!.view();
      tensor.view().forEach((value, k) => (changes[next++] = share * (value - before[k]!)));
    });
  }

  /** Moves the run's values by the changes of all shards. */
  move(changes: Float64Array): void {
    let next = 0;
    for (const tensor of this.#run) {
      const [view, isFloat] = [tensor.view(), tensor.dtype === 'float32' || tensor.dtype === 'float64'];
      for (let k = 0; k < view.length; k++) {
        const change = changes[next++]!;
        view[k]! += isFloat ? change : Math.round(change);
      }
    }
  }
}
