import { GradwireError, type Tensor } from '@gradwire/tensor';
import { kaimingNormal_ } from '../init.ts';
import { BatchNorm2d } from '../layers/batch-norm.ts';
import { Conv2d } from '../layers/convolution.ts';
import { Linear } from '../layers/linear.ts';
import { Sequential } from '../layers/sequential.ts';
import { inTurn } from '../layers/in-turn.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

/** Two 3×3 convolutions; the shortcut has no weights: it skips pixels and pads channels with zeros (option A). */
class CifarBlock extends Module {
  static {
    keepsNothing(this);
  }

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly #stride: number;
  readonly #added: number;
  readonly #isPlain: boolean;

  constructor(inChannels: number, channels: number, isPlain: boolean) {
    super();
    this.#stride = inChannels === channels ? 1 : 2;
    this.#added = channels - inChannels;
    this.#isPlain = isPlain;
    this.conv1 = new Conv2d(inChannels, channels, 3, { stride: this.#stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = new Conv2d(channels, channels, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(channels);
  }

  forward(x: Tensor): Tensor {
    const inner = this.bn2.forward(this.conv2.forward(this.bn1.forward(this.conv1.forward(x)).relu_()));
    return (this.#isPlain ? inner : inner.add_(this.#shortcut(x))).relu_();
  }

  #shortcut(x: Tensor): Tensor {
    if (this.#stride === 1) return x;
    const [, , height, width] = x.shape;
    const before = Math.floor(this.#added / 2);
    return x
      .slice(2, 0, height, 2)
      .slice(3, 0, width, 2)
      .pad([0, 0, 0, 0, before, this.#added - before]);
  }
}

export interface ResNetCifarOptions {
  /** 6n + 2 layers; 20, 32, 44, 56 and 110 are those of the paper. */
  readonly depth: number;
  /** Outputs; 10. */
  readonly numClasses?: number;
  /** The same layers without shortcuts; false. */
  readonly plain?: boolean;
}

/**
 * The residual network for small images (He et al. 2016, §4.2), x: [N, 3, 32, 32] → [N, numClasses]: three stages of
 * 16, 32 and 64 channels, shortcuts without weights. Depth 20 has 0.27 million parameters. Throws GradwireError ERR_OPTION.
 */
export class ResNetCifar extends Module {
  static {
    keepsNothing(this);
  }

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly fc: Linear;

  constructor(options: ResNetCifarOptions) {
    super();
    const { depth, numClasses, plain } = this.withDefaults(options, { depth: 20, numClasses: 10, plain: false });
    const count = (depth - 2) / 6;
    if (!Number.isInteger(count) || count < 1) {
      throw new GradwireError('ERR_OPTION', `resnetCifar: depth must be 6n + 2, such as 20, 32 or 56, got ${depth}`);
    }
    this.conv1 = new Conv2d(3, 16, 3, { padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(16);
    const layer = (inChannels: number, channels: number): Sequential =>
      new Sequential(
        ...Array.from({ length: count }, (_, i) => new CifarBlock(i === 0 ? inChannels : channels, channels, plain)),
      );
    this.layer1 = layer(16, 16);
    this.layer2 = layer(16, 32);
    this.layer3 = layer(32, 64);
    this.fc = new Linear(64, numClasses);
    for (const [, module] of this.namedModules()) if (module instanceof Conv2d) kaimingNormal_(module.weight);
  }

  forward(x: Tensor): Tensor {
    const first = this.bn1.forward(this.conv1.forward(x)).relu_();
    const y = inTurn([this.layer1, this.layer2, this.layer3], first, (layer, z) => layer.forward(z));
    return this.fc.forward(y.mean([2, 3]));
  }
}

/** He et al.'s residual network for CIFAR-10, or its plain twin. */
export const resnetCifar = (options: ResNetCifarOptions): ResNetCifar => new ResNetCifar(options);
