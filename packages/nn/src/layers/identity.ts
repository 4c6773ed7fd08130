import type { Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** Gives its input back; holds the place of a layer that is left out. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}
