import { full, prelu, type Tensor } from '@gradwire/tensor';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/**
 * x above 0, weight·x below, with a weight that is learned: [numParameters], one for all or one for each channel
 * (dimension 1 of x), `init` at first (He et al. 2015).
 */
export class PReLU extends Module {
  static {
    keepsNothing(this);
  }

  readonly weight: Parameter;

  constructor(options: { numParameters?: number; init?: number } = {}) {
    super();
    const { numParameters, init } = this.withDefaults(options, { numParameters: 1, init: 0.25 });
    this.weight = new Parameter(full([numParameters], init));
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}
