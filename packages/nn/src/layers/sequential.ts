import type { Tensor } from '@gradwire/tensor';
import { inTurn } from './in-turn.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** A module that maps one tensor to another. */
export type Layer = Module & { forward(x: Tensor): Tensor };

/** Layers one after the other. Their state-dict names are 0, 1, 2 …, or those of the object that they are given in. */
export class Sequential extends Module {
  static {
    keepsNothing(this);
  }

  readonly layers: readonly Layer[];
  readonly #names: readonly string[];

  constructor(named: Readonly<Record<string, Layer>>);
  constructor(...layers: Layer[]);
  constructor(...layers: Layer[] | [Readonly<Record<string, Layer>>]) {
    super();
    const [first] = layers;
    const named =
      layers.length === 1 && !(first instanceof Module) ? (first as Readonly<Record<string, Layer>>) : layers;
    this.#names = Object.keys(named);
    this.layers = Object.values(named);
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [this.#names[i], layer]);
  }

  /** @internal */
  override replaceChild(name: string, module: Module): void {
    (this.layers as Layer[])[this.#names.indexOf(name)] = module as Layer;
  }

  forward(x: Tensor): Tensor {
    return inTurn(this.layers, x, (layer, y) => layer.forward(y));
  }
}
