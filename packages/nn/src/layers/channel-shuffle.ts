import { ShapeError, type Tensor } from '@gradwire/tensor';
import { Module } from '../module.ts';

/** Channels of `groups` groups in turns (Zhang et al. 2018): channel g·C/groups + i goes to i·groups + g. x: [N, C, ...] → the same. */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  forward(x: Tensor): Tensor {
    const channels = x.shape[1] ?? 0;
    if (channels % this.groups !== 0) {
      throw new ShapeError(
        `ChannelShuffle: ${channels} channels of [${x.shape.join(', ')}] do not divide into ${this.groups} groups`,
      );
    }
    return x
      .unflatten(1, [this.groups, channels / this.groups])
      .transpose(1, 2)
      .reshape(x.shape);
  }
}
