import type { Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** Gives its input back; holds the place of a layer that is left out. */
export class Identity extends Module {
  static {
    keepsNothing(this);
  }

  forward(x: Tensor): Tensor {
    return x;
  }
}
