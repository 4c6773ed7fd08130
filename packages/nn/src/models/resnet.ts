import type { Tensor } from '@gradwire/tensor';
import { kaimingNormal_, zeros_ } from '../init.ts';
import { BatchNorm2d } from '../layers/batch-norm.ts';
import { Conv2d } from '../layers/convolution.ts';
import { Linear } from '../layers/linear.ts';
import { MaxPool2d } from '../layers/pooling.ts';
import { Sequential } from '../layers/sequential.ts';
import { inTurn } from '../layers/in-turn.ts';
import { keepsNothing } from '../module-call.ts';
import { Module } from '../module.ts';

const conv = (inChannels: number, outChannels: number, kernel: 1 | 3, stride = 1): Conv2d =>
  new Conv2d(inChannels, outChannels, kernel, { stride, padding: (kernel - 1) / 2, bias: false });

/** 1×1 convolution with normalisation where a block changes the size or the channels; null where it does not. */
function projection(inChannels: number, outChannels: number, stride: number): Sequential | null {
  if (stride === 1 && inChannels === outChannels) return null;
  return new Sequential(conv(inChannels, outChannels, 1, stride), new BatchNorm2d(outChannels));
}

/** Two 3×3 convolutions around which the input goes (He et al. 2016, figure 2). */
export class BasicBlock extends Module {
  static {
    keepsNothing(this);
  }

  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inChannels: number, channels: number, stride = 1) {
    super();
    this.conv1 = conv(inChannels, channels, 3, stride);
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = conv(channels, channels, 3);
    this.bn2 = new BatchNorm2d(channels);
    this.downsample = projection(inChannels, channels, stride);
  }

  forward(x: Tensor): Tensor {
    const inner = this.bn1.forward(this.conv1.forward(x)).relu_();
    const residual = this.bn2.forward(this.conv2.forward(inner));
    return residual.add_(this.downsample?.forward(x) ?? x).relu_();
  }
}

/** 1×1, 3×3 and 1×1 convolutions with a quarter of the channels inside (He et al. 2016, figure 5); the stride is in the 3×3. */
export class Bottleneck extends Module {
  static {
    keepsNothing(this);
  }

  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inChannels: number, channels: number, stride = 1) {
    super();
    this.conv1 = conv(inChannels, channels, 1);
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = conv(channels, channels, 3, stride);
    this.bn2 = new BatchNorm2d(channels);
    this.conv3 = conv(channels, 4 * channels, 1);
    this.bn3 = new BatchNorm2d(4 * channels);
    this.downsample = projection(inChannels, 4 * channels, stride);
  }

  forward(x: Tensor): Tensor {
    let inner = this.bn1.forward(this.conv1.forward(x)).relu_();
    inner = this.bn2.forward(this.conv2.forward(inner)).relu_();
    const residual = this.bn3.forward(this.conv3.forward(inner));
    return residual.add_(this.downsample?.forward(x) ?? x).relu_();
  }
}

export interface ResNetOptions {
  /** Outputs; 1000. */
  readonly numClasses?: number;
  /** Whether each residual branch starts at zero, by the weight of its last normalisation; false. */
  readonly zeroInitResidual?: boolean;
}

/**
 * A residual network for images (He et al. 2016, table 1), x: [N, 3, H, W] → [N, numClasses], with torchvision's
 * state-dict keys. Convolutions start normal with deviation √(2/fanOut).
 */
export class ResNet extends Module {
  static {
    keepsNothing(this);
  }

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly maxpool: MaxPool2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly fc: Linear;

  constructor(
    Block: typeof BasicBlock | typeof Bottleneck,
    blocks: readonly [number, number, number, number],
    options: ResNetOptions = {},
  ) {
    super();
    const { numClasses, zeroInitResidual } = this.withDefaults(options, { numClasses: 1000, zeroInitResidual: false });
    this.conv1 = new Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new BatchNorm2d(64);
    this.maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
    let inChannels = 64;
    const layer = (channels: number, count: number, stride: number): Sequential => {
      const list = Array.from({ length: count }, (_, i) => {
        const block = new Block(inChannels, channels, i === 0 ? stride : 1);
        inChannels = channels * Block.expansion;
        return block;
      });
      return new Sequential(...list);
    };
    this.layer1 = layer(64, blocks[0], 1);
    this.layer2 = layer(128, blocks[1], 2);
    this.layer3 = layer(256, blocks[2], 2);
    this.layer4 = layer(512, blocks[3], 2);
    this.fc = new Linear(inChannels, numClasses);
    for (const [, module] of this.namedModules()) {
      if (module instanceof Conv2d) kaimingNormal_(module.weight, { mode: 'fanOut', nonlinearity: 'relu' });
      if (!zeroInitResidual) continue;
      if (module instanceof BasicBlock) zeros_(module.bn2.weight!);
      if (module instanceof Bottleneck) zeros_(module.bn3.weight!);
    }
  }

  forward(x: Tensor): Tensor {
    const first = this.maxpool.forward(this.bn1.forward(this.conv1.forward(x)).relu_());
    const y = inTurn([this.layer1, this.layer2, this.layer3, this.layer4], first, (layer, z) => layer.forward(z));
    return this.fc.forward(y.mean([2, 3]));
  }
}

/** ResNet-18: 11,689,512 parameters. */
export const resnet18 = (options?: ResNetOptions): ResNet => new ResNet(BasicBlock, [2, 2, 2, 2], options);
/** ResNet-34: 21,797,672 parameters. */
export const resnet34 = (options?: ResNetOptions): ResNet => new ResNet(BasicBlock, [3, 4, 6, 3], options);
/** ResNet-50: 25,557,032 parameters. */
export const resnet50 = (options?: ResNetOptions): ResNet => new ResNet(Bottleneck, [3, 4, 6, 3], options);
