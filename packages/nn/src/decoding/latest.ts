import { noGrad, step, type Tensor } from '@gradwire/tensor';

/** The result of a loop's last turn: the one before it is given back, and so is all that was made on the way. */
export class Latest {
  #tensor: Tensor | null = null;

  replace(make: () => Tensor): Tensor {
    this[Symbol.dispose]();
    this.#tensor = step(() => noGrad(make));
    return this.#tensor;
  }

  [Symbol.dispose](): void {
    this.#tensor?.[Symbol.dispose]();
    this.#tensor = null;
  }
}
