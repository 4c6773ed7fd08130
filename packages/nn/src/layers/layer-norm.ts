import { empty, layerNorm, rmsNorm, type Tensor } from '@gradwire/tensor';
import { ones_, zeros_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

const asShape = (shape: number | readonly number[]): readonly number[] => (typeof shape === 'number' ? [shape] : shape);

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016) over the last dimensions, x: [..., ...normalizedShape] → the same.
 * weight and bias: normalizedShape, starting at 1 and 0.
 */
export class LayerNorm extends Module {
  static {
    keepsNothing(this);
  }

  readonly normalizedShape: readonly number[];
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(
    normalizedShape: number | readonly number[],
    options: { eps?: number; elementwiseAffine?: boolean; bias?: boolean } = {},
  ) {
    super();
    const { eps, elementwiseAffine, bias } = this.withDefaults(options, {
      eps: 1e-5,
      elementwiseAffine: true,
      bias: true,
    });
    this.normalizedShape = asShape(normalizedShape);
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones_(empty(this.normalizedShape))) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros_(empty(this.normalizedShape))) : null;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }

  /** Two passes for the moments, then scale and shift. */
  override flops(y: Tensor): number {
    return 6 * y.size;
  }
}

/**
 * Root-mean-square normalisation (Zhang & Sennrich 2019) over the last dimensions, x: [..., ...normalizedShape] → the
 * same. weight: normalizedShape, starting at 1. eps null: the machine epsilon of x's type.
 */
export class RMSNorm extends Module {
  static {
    keepsNothing(this);
  }

  readonly normalizedShape: readonly number[];
  readonly weight: Parameter | null;
  readonly eps: number | null;

  constructor(
    normalizedShape: number | readonly number[],
    options: { eps?: number | null; elementwiseAffine?: boolean } = {},
  ) {
    super();
    const { eps, elementwiseAffine } = this.withDefaults(options, { eps: null, elementwiseAffine: true });
    this.normalizedShape = asShape(normalizedShape);
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones_(empty(this.normalizedShape))) : null;
  }

  forward(x: Tensor): Tensor {
    const { normalizedShape, weight, eps } = this;
    return rmsNorm(x, normalizedShape, eps === null ? { weight } : { weight, eps });
  }

  /** The mean square, then the scale. */
  override flops(y: Tensor): number {
    return 4 * y.size;
  }
}
