import { empty, linear, ShapeError, type Tensor } from '@gradwire/tensor';
import { uniform_ } from '../init.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/**
 * y[k] = x1ᵀ·W[k]·x2 + b[k], with x1: [..., in1Features], x2: [..., in2Features] → y: [..., outFeatures].
 * weight: [outFeatures, in1Features, in2Features] and bias: [outFeatures] start uniform in ±1/√in1Features.
 */
export class Bilinear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: { readonly bias?: boolean } = {},
  ) {
    super();
    const { bias } = this.withDefaults(options, { bias: true });
    const bound = 1 / Math.sqrt(in1Features);
    this.weight = new Parameter(uniform_(empty([outFeatures, in1Features, in2Features]), -bound, bound));
    this.bias = bias ? new Parameter(uniform_(empty([outFeatures]), -bound, bound)) : null;
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    const [, in1, in2] = this.weight.shape;
    if (x1.shape.at(-1) !== in1 || x2.shape.at(-1) !== in2) {
      throw new ShapeError(
        `Bilinear: x1 [${x1.shape.join(', ')}] must end in ${in1} and x2 [${x2.shape.join(', ')}] in ${in2}`,
      );
    }
    const products = x1.unsqueeze(-1).mul(x2.unsqueeze(-2)).flatten(-2);
    return linear(products, this.weight.flatten(1), this.bias);
  }

  override flops(y: Tensor): number {
    const [outFeatures, in1, in2] = this.weight.shape;
    return (y.size / outFeatures) * in1 * in2 * (1 + 2 * outFeatures); // all outputs share the products x1·x2
  }
}
