import type { Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** A module that maps one tensor to another. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** Layers one after the other; their state-dict names are 0, 1, 2 … */
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
    for (const layer of this.layers) x = layer.forward(x);
    return x;
  }
}
