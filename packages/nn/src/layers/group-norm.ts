import { empty, groupNorm, ShapeError, type Tensor } from '@gradwire/tensor';
import { ones_, zeros_ } from '../init.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';
import { Parameter } from '../parameter.ts';

/**
 * Group normalisation (Wu & He 2018) of x: [N, C, ...]: each sample's channels in numGroups groups, each by its own mean
 * and biased variance. weight [C] starts at 1, bias [C] at 0.
 */
export class GroupNorm extends Module {
  static {
    keepsNothing(this);
  }

  readonly numGroups: number;
  readonly numChannels: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(numGroups: number, numChannels: number, options: { eps?: number; affine?: boolean } = {}) {
    super();
    const { eps, affine } = this.withDefaults(options, { eps: 1e-5, affine: true });
    if (numChannels % numGroups !== 0) {
      throw new ShapeError(`GroupNorm: ${numChannels} channels do not divide into ${numGroups} groups`);
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.weight = affine ? new Parameter(ones_(empty([numChannels]))) : null;
    this.bias = affine ? new Parameter(zeros_(empty([numChannels]))) : null;
  }

  forward(x: Tensor): Tensor {
    const { numGroups, numChannels, weight, bias, eps } = this;
    if (x.shape[1] !== numChannels) {
      throw new ShapeError(`GroupNorm: x [${x.shape.join(', ')}] must have ${numChannels} channels`);
    }
    return groupNorm(x, numGroups, { weight, bias, eps });
  }

  /** Two passes for the moments, then scale and shift. */
  override flops(y: Tensor): number {
    return 6 * y.size;
  }
}
