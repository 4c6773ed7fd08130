import type { Tensor } from '@gradwire/tensor';
import { broadcast } from '../collectives/broadcast.ts';
import { bytesOf, type Elements } from '../collectives/elements.ts';
import { treeAllReduce } from '../collectives/tree-all-reduce.ts';
import type { ProcessGroup } from '../group.ts';

/** Tensors beside a model's parameters, such as running moments, of which all processes have one value after each step. */
export class MeanBuffers {
  readonly #group: ProcessGroup;
  readonly #tensors: readonly Tensor[];

  constructor(group: ProcessGroup, tensors: readonly Tensor[]) {
    this.#group = group;
    this.#tensors = tensors;
  }

  /** Gives every process those of rank 0. */
  async broadcast(): Promise<void> {
    for (const tensor of this.#tensors) await broadcast(this.#group, bytesOf(tensor.view() as Elements));
  }

  /** Gives every process their mean over all processes; whole numbers are rounded. */
  async average(step: number): Promise<void> {
    if (this.#tensors.length === 0 || this.#group.size === 1) return;
    const sums = Float64Array.from(this.#tensors.flatMap((tensor) => [...tensor.view()]));
    await treeAllReduce(this.#group, sums, { step });
    let next = 0;
    for (const tensor of this.#tensors) {
      const [view, isFloat] = [tensor.view(), tensor.dtype.startsWith('float')];
      for (let k = 0; k < view.length; k++) {
        const mean = sums[next++]! / this.#group.size;
        view[k] = isFloat ? mean : Math.round(mean);
      }
    }
  }
}
