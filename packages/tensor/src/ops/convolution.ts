/** Convolutions of one and two dimensions, as cross-correlations; the others are made of these. */
import { DELIVERED, isRecording, leafTarget, record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsNothing } from '../autograd/versions.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { bindConvolution, convAxes, convWords, type ConvOptions } from './conv-geometry.ts';
import { convInput, convWeight } from './conv-products.ts';
import { checkBias, checkSameType } from './layer-operands.ts';
import { sum } from './reduce.ts';
import { squeeze, unsqueeze } from './reshape.ts';

type Gradients = (Tensor | null | typeof DELIVERED)[];

interface Saved {
  readonly source: Tensor;
  readonly filters: Tensor;
  readonly geometry: readonly number[];
}

/**
 * One-dimensional cross-correlation. x: [N, C, L] or [C, L], weight: [O, C/groups, K], bias: [O] or null → [N, O, OL] or
 * [O, OL] with OL = ⌊(L + 2·padding − dilation·(K − 1) − 1)/stride⌋ + 1. Throws ShapeError if sizes do not fit,
 * DTypeError for different types.
 */
export function conv1d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: ConvOptions = {}): Tensor {
  return convolve('conv1d', 1, x, weight, bias, options);
}

/** The same in two dimensions: x: [N, C, H, W] or [C, H, W], weight: [O, C/groups, KH, KW] → [N, O, OH, OW]. */
export function conv2d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: ConvOptions = {}): Tensor {
  return convolve('conv2d', 2, x, weight, bias, options);
}

function convolve(
  where: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvOptions,
): Tensor {
  if (x.rank === dims + 1) return squeeze(convolve(where, dims, unsqueeze(x, 0), weight, bias, options), 0);
  const axes = convAxes(where, dims, x.shape, weight.shape, options);
  checkBias(where, bias, weight.shape[0]);
  checkSameType(where, x, weight, bias);
  const out = Tensor.empty([x.shape[0], weight.shape[0], ...axes.map((axis) => axis.out)], x.dtype);
  const geometry = convWords(x.shape[0], x.shape[1], weight.shape[0], axes, options.groups ?? 1);
  const [source, filters, offsets] = [rowMajor(x), rowMajor(weight), bias && rowMajor(bias)];
  const kernels = kernelsFor(x.dtype);
  bindConvolution(source.address, filters.address, offsets ? offsets.address : 0, out.address, geometry);
  if (out.size > 0) kernels.conv2d(block);
  const saved: Saved = { source, filters, geometry };
  const y = record(out, convolutionGradient, bias ? [x, weight, bias] : [x, weight], saved);
  return noted(y, 'convolution', [x, weight, bias], { axes, options });
}

function convolutionGradient(grad: Tensor, { inputs: [x, weight, bias], saved }: Node): Gradients {
  const { source, filters, geometry } = saved as Saved;
  if (isRecording()) {
    const dx = x.requiresGrad ? convInput(grad, weight, x.shape, geometry) : null;
    const dw = weight.requiresGrad ? convWeight(grad, x, weight.shape, geometry) : null;
    return [dx, dw, bias?.requiresGrad ? sumOverPixels(grad) : null];
  }
  const dy = rowMajor(grad);
  const dx = x.requiresGrad ? inputGradient(dy, filters, x.shape, geometry) : null;
  if (!weight.requiresGrad) return [dx, null, bias?.requiresGrad ? sumOverPixels(dy) : null];
  return [dx, ...weightGradients(dy, source, weight, bias ?? null, geometry)];
}

/** What reaches each input: dy spread over the windows by weight. Both row-major; shape: that of the input. */
export function inputGradient(
  dy: Tensor,
  weight: Tensor,
  shape: readonly number[],
  geometry: readonly number[],
): Tensor {
  const dx = Tensor.empty(shape, dy.dtype);
  const kernels = kernelsFor(dy.dtype);
  bindConvolution(dx.address, weight.address, 0, dy.address, geometry);
  kernels.conv2dGradInput(block);
  return dx;
}

/** Gradients of weight and bias, written straight into the leaves where they are leaves in the same state. */
export function weightGradients(
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  geometry: readonly number[],
): Gradients {
  const target = leafTarget(weight);
  const biasTarget = bias && leafTarget(bias);
  const direct = target !== null && (bias === null || (biasTarget !== null && bias.hasGrad === weight.hasGrad));
  const dw = direct ? target : Tensor.empty(weight.shape, weight.dtype);
  const db = bias && (direct ? biasTarget : Tensor.empty(bias.shape, bias.dtype));
  const kernels = kernelsFor(dy.dtype);
  const words = bindConvolution(x.address, dw.address, db ? db.address : 0, dy.address, geometry);
  words[20] = Number(direct && weight.hasGrad);
  kernels.conv2dGradWeight(block);
  if (!direct) return bias ? [dw, bias.requiresGrad ? db : null] : [dw];
  weight.hasGrad = true;
  if (bias) bias.hasGrad = true;
  return [DELIVERED, DELIVERED];
}

/** [O], from [N, O, …]. */
export function sumOverPixels(dy: Tensor): Tensor {
  return sum(
    dy,
    dy.shape.flatMap((_, d) => (d === 1 ? [] : [d])),
  );
}

readsNothing(convolutionGradient);
