import type { Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** Splits dimension `dim` into dimensions of the sizes unflattenedSize, one of which may be -1. */
export class Unflatten extends Module {
  static {
    keepsNothing(this);
  }

  readonly #dim: number;
  readonly #sizes: readonly number[];

  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    this.#dim = dim;
    this.#sizes = [...unflattenedSize];
  }

  forward(x: Tensor): Tensor {
    return x.unflatten(this.#dim, this.#sizes);
  }
}
