import { linear, empty, type Tensor } from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/**
 * Affine map y = x·Wᵀ + b, with x: [..., inFeatures] → y: [..., outFeatures].
 * weight: [outFeatures, inFeatures] and bias: [outFeatures] start uniform in ±1/√inFeatures, as in PyTorch.
 */
export class Linear extends Module {
  static {
    keepsNothing(this);
  }

  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: { bias?: boolean } = {}) {
    super();
    const { bias } = this.withDefaults(options, { bias: true });
    const bound = 1 / Math.sqrt(inFeatures);
    this.weight = new Parameter(uniform_(empty([outFeatures, inFeatures]), -bound, bound));
    this.bias = bias ? new Parameter(uniform_(empty([outFeatures]), -bound, bound)) : null;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override flops(y: Tensor): number {
    return 2 * y.size * this.weight.shape[1];
  }
}
