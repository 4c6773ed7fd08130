import { col2im, im2col, type FoldOptions, type Sizes, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

const DEFAULTS = { dilation: 1 as Sizes, padding: 0 as Sizes, stride: 1 as Sizes };

/** Images as columns of their windows: [N, C, H, W] or [C, H, W] → [N, C·KH·KW, OH·OW]. */
export class Unfold extends Module {
  readonly #kernelSize: Sizes;
  readonly #options: FoldOptions;

  constructor(kernelSize: Sizes, options: FoldOptions = {}) {
    super();
    this.#kernelSize = kernelSize;
    this.#options = this.withDefaults(options, DEFAULTS);
  }

  forward(x: Tensor): Tensor {
    return im2col(x, this.#kernelSize, this.#options);
  }
}

/** Sums columns of windows to images of outputSize: [N, C·KH·KW, OH·OW] → [N, C, H, W]. */
export class Fold extends Module {
  readonly #outputSize: Sizes;
  readonly #kernelSize: Sizes;
  readonly #options: FoldOptions;

  constructor(outputSize: Sizes, kernelSize: Sizes, options: FoldOptions = {}) {
    super();
    this.#outputSize = outputSize;
    this.#kernelSize = kernelSize;
    this.#options = this.withDefaults(options, DEFAULTS);
  }

  forward(x: Tensor): Tensor {
    return col2im(x, this.#outputSize, this.#kernelSize, this.#options);
  }
}
