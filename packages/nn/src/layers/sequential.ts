import { GradwireError, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** A module that maps one tensor to another. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** Layers one after the other; their state-dict names are 0, 1, 2 … An error inside names the layer. */
export class Sequential extends Module {
  readonly layers: readonly Layer[];

  constructor(...layers: Layer[]) {
    super();
    this.layers = layers;
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }

  forward(x: Tensor): Tensor {
    let i = 0;
    try {
      for (; i < this.layers.length; i++) x = this.layers[i].forward(x);
      return x;
    } catch (cause) {
      if (!(cause instanceof GradwireError)) throw cause;
      throw new GradwireError(cause.code, `layer ${i} (${this.layers[i].constructor.name}): ${cause.message}`, {
        cause,
      });
    }
  }
}
