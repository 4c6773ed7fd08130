import { DELIVERED, leafTarget, record, type Node } from '../autograd.ts';
import { ShapeError } from '../errors.ts';
import { block, openBlock } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { checkBias, checkSameType } from './layer-operands.ts';
import { sum } from './reduce.ts';

export type Pair = readonly [number, number];

/** Geometry of a two-dimensional convolution; [height, width]. */
export interface Conv2dOptions {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

type Gradients = (Tensor | null | typeof DELIVERED)[];

/**
 * Two-dimensional cross-correlation. x: [N, C, H, W], weight: [O, C/groups, KH, KW], bias: [O] or null →
 * [N, O, OH, OW] with OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1)/stride⌋ + 1. Throws ShapeError if sizes do not fit,
 * DTypeError for different types.
 */
export function conv2d(x: Tensor, weight: Tensor, bias: Tensor | null, options: Conv2dOptions): Tensor {
  const shape = outputShape(x, weight, options);
  checkBias('conv2d', bias, weight.shape[0]);
  checkSameType('conv2d', x, weight, bias);
  const out = Tensor.empty(shape, x.dtype);
  const [source, filters, offsets] = [rowMajor(x), rowMajor(weight), bias && rowMajor(bias)];
  const kernels = kernelsFor(x.dtype);
  bindConvolution(source.address, filters, offsets ? offsets.address : 0, out, source.shape, options);
  if (out.size > 0) kernels.conv2d(block);
  return record(out, conv2dGradient, bias ? [x, weight, bias] : [x, weight], { source, filters, options });
}

function conv2dGradient(grad: Tensor, { inputs: [x, weight, bias], saved }: Node): Gradients {
  const { source, filters, options } = saved as { source: Tensor; filters: Tensor; options: Conv2dOptions };
  const dy = rowMajor(grad);
  const dx = x.requiresGrad ? gradInput(dy, filters, x, options) : null;
  if (!weight.requiresGrad) return [dx, null, bias?.requiresGrad ? sum(dy, [0, 2, 3]) : null];
  return [dx, ...gradWeight(dy, source, weight, bias ?? null, options)];
}

function gradInput(dy: Tensor, weight: Tensor, x: Tensor, options: Conv2dOptions): Tensor {
  const dx = Tensor.empty(x.shape, x.dtype);
  const kernels = kernelsFor(dy.dtype);
  bindConvolution(dx.address, weight, 0, dy, x.shape, options);
  kernels.conv2dGradInput(block);
  return dx;
}

/** Gradients of weight and bias, written straight into the leaves where they are leaves in the same state. */
function gradWeight(dy: Tensor, x: Tensor, weight: Tensor, bias: Tensor | null, options: Conv2dOptions): Gradients {
  const target = leafTarget(weight);
  const biasTarget = bias && leafTarget(bias);
  const direct = target !== null && (bias === null || (biasTarget !== null && bias.hasGrad === weight.hasGrad));
  const dw = direct ? target : Tensor.empty(weight.shape, weight.dtype);
  const db = bias && (direct ? biasTarget : Tensor.empty(bias.shape, bias.dtype));
  const kernels = kernelsFor(dy.dtype);
  const words = bindConvolution(x.address, dw, db ? db.address : 0, dy, x.shape, options);
  words[20] = Number(direct && weight.hasGrad);
  kernels.conv2dGradWeight(block);
  if (!direct) return bias ? [dw, bias.requiresGrad ? db : null] : [dw];
  weight.hasGrad = true;
  if (bias) bias.hasGrad = true;
  return [DELIVERED, DELIVERED];
}

function bindConvolution(
  x: number,
  weight: Tensor,
  bias: number,
  y: Tensor,
  [n, c, h, w]: readonly number[],
  { stride, padding, dilation, groups }: Conv2dOptions,
): Uint32Array {
  const words = openBlock();
  words[0] = x;
  words[1] = weight.address;
  words[2] = bias;
  words[3] = y.address;
  words[4] = n;
  words[5] = c;
  words[6] = h;
  words[7] = w;
  words[8] = weight.shape[0];
  words[9] = weight.shape[2];
  words[10] = weight.shape[3];
  words[11] = y.shape[2];
  words[12] = y.shape[3];
  words[13] = stride[0];
  words[14] = stride[1];
  words[15] = padding[0];
  words[16] = padding[1];
  words[17] = dilation[0];
  words[18] = dilation[1];
  words[19] = groups;
  return words;
}

function outputShape(x: Tensor, weight: Tensor, { stride, padding, dilation, groups }: Conv2dOptions): number[] {
  if (x.rank !== 4 || weight.rank !== 4) {
    throw new ShapeError(
      `conv2d: x must be [N, C, H, W] and weight [O, C/groups, KH, KW], got ${show(x.shape)} and ${show(weight.shape)}`,
    );
  }
  const [outChannels, perGroup] = weight.shape;
  if (x.shape[1] !== perGroup * groups || outChannels % groups !== 0) {
    throw new ShapeError(
      `conv2d: x ${show(x.shape)} has ${x.shape[1]} channels, but weight ${show(weight.shape)} with ${groups} groups takes ${perGroup * groups}`,
    );
  }
  const size = (d: 0 | 1): number =>
    Math.floor((x.shape[2 + d] + 2 * padding[d] - dilation[d] * (weight.shape[2 + d] - 1) - 1) / stride[d]) + 1;
  const [oh, ow] = [size(0), size(1)];
  if (oh < 1 || ow < 1) {
    throw new ShapeError(
      `conv2d: the kernel of weight ${show(weight.shape)} is larger than the padded input ${show(x.shape)}`,
    );
  }
  return [x.shape[0], outChannels, oh, ow];
}
