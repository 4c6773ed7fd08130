import { ShapeError, sizesOf, zeros, type Sizes, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

export interface MaxUnpoolOptions {
  /** The kernel's size unless given. */
  readonly stride?: Sizes;
  /** 0 unless given. */
  readonly padding?: Sizes;
}

abstract class MaxUnpool extends Module {
  readonly #kernel: readonly number[];
  readonly #stride: readonly number[];
  readonly #padding: readonly number[];

  constructor(dims: number, kernelSize: Sizes, options: MaxUnpoolOptions) {
    super();
    const name = this.constructor.name;
    const { stride, padding } = this.withDefaults(options, { stride: kernelSize, padding: 0 as Sizes });
    this.#kernel = sizesOf(`${name}: kernelSize`, kernelSize, dims, 1);
    this.#stride = sizesOf(`${name}: stride`, stride, dims, 1);
    this.#padding = sizesOf(`${name}: padding`, padding, dims, 0);
  }

  /** outputSize: the spatial sizes that were pooled; the least that fit unless given. */
  forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const first = x.rank - this.#kernel.length;
    const spatial = x.shape.slice(first);
    const size =
      outputSize ?? spatial.map((n, d) => (n - 1) * this.#stride[d] - 2 * this.#padding[d] + this.#kernel[d]);
    if (x.shape.join() !== indices.shape.join() || size.length !== spatial.length) {
      const given = [x.shape, indices.shape, size].map((shape) => `[${shape.join(', ')}]`);
      throw new ShapeError(
        `${this.constructor.name}: x ${given[0]} and indices ${given[1]} must have one shape, and ${given[2]} must be a size for each of ${spatial.length} dimensions`,
      );
    }
    const outer = x.shape.slice(0, first);
    const places = size.reduce((product, n) => product * n, 1);
    const empty = zeros([...outer, places], { dtype: x.dtype });
    return empty.scatter(-1, indices.flatten(first), x.flatten(first)).reshape([...outer, ...size]);
  }
}

/** Puts what maxPool1dWithIndices has taken back in its places, with zeros between. x, indices: [N, C, L] or [C, L] → [..., OL]. */
export class MaxUnpool1d extends MaxUnpool {
  constructor(kernelSize: Sizes, options: MaxUnpoolOptions = {}) {
    super(1, kernelSize, options);
  }
}

/** Puts what maxPool2dWithIndices has taken back in its places. x, indices: [N, C, H, W] or [C, H, W] → [..., OH, OW]. */
export class MaxUnpool2d extends MaxUnpool {
  constructor(kernelSize: Sizes, options: MaxUnpoolOptions = {}) {
    super(2, kernelSize, options);
  }
}
