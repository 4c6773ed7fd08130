/** Transposed convolutions: the forward pass is a convolution's gradient of the input, and the other way round. */
import { isRecording, record, type DELIVERED, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsNothing } from '../autograd/versions.ts';
import { ShapeError } from '../errors.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { accumulate, rowMajor } from './accumulate.ts';
import { bindConvolution, checkGroups, convWords, type Axis } from './conv-geometry.ts';
import { convResult, convWeight } from './conv-products.ts';
import { inputGradient, sumOverPixels, weightGradients } from './convolution.ts';
import { checkBias, checkSameType } from './layer-operands.ts';
import { reshape, squeeze, unsqueeze } from './reshape.ts';
import { sizesOf, type Sizes } from '../sizes.ts';

/** Geometry of a transposed convolution; each size is one number, or one for each spatial dimension. */
export interface ConvTransposeOptions {
  /** Distance of the windows in the result; 1 unless given. */
  readonly stride?: Sizes;
  /** Cut off from both sides of the result; 0 unless given. */
  readonly padding?: Sizes;
  /** Added at the end of the result, below stride or dilation; 0 unless given. */
  readonly outputPadding?: Sizes;
  /** Distance between the elements of one window; 1 unless given. */
  readonly dilation?: Sizes;
  readonly groups?: number;
}

interface Saved {
  readonly source: Tensor;
  readonly filters: Tensor;
  readonly geometry: readonly number[];
}

/**
 * Transposed convolution. x: [N, C, L] or [C, L], weight: [C, O/groups, K], bias: [O] or null → [N, O, OL] or [O, OL] with
 * OL = (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1. Throws ShapeError if sizes do not fit.
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor {
  return convolveTransposed('convTranspose1d', 1, x, weight, bias, options);
}

/** The same in two dimensions: x: [N, C, H, W] or [C, H, W], weight: [C, O/groups, KH, KW] → [N, O, OH, OW]. */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor {
  return convolveTransposed('convTranspose2d', 2, x, weight, bias, options);
}

function convolveTransposed(
  where: string,
  dims: number,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  options: ConvTransposeOptions,
): Tensor {
  if (x.rank === dims + 1) return squeeze(convolveTransposed(where, dims, unsqueeze(x, 0), weight, bias, options), 0);
  const axes = transposedAxes(where, dims, x.shape, weight.shape, options);
  const groups = options.groups ?? 1;
  const outChannels = weight.shape[1] * groups;
  checkBias(where, bias, outChannels);
  checkSameType(where, x, weight, bias);
  const shape = [x.shape[0], outChannels, ...axes.map((axis) => axis.size)];
  const geometry = convWords(x.shape[0], outChannels, x.shape[1], axes, groups);
  const [source, filters] = [rowMajor(x), rowMajor(weight)];
  const out = inputGradient(source, filters, shape, geometry);
  if (bias) accumulate(out, reshape(bias.detach(), [outChannels, ...axes.map(() => 1)]));
  const saved: Saved = { source, filters, geometry };
  const y = record(out, transposedGradient, bias ? [x, weight, bias] : [x, weight], saved);
  return noted(y, 'convTranspose', [x, weight, bias], { axes, options });
}

function transposedGradient(
  grad: Tensor,
  { inputs: [x, weight, bias], saved }: Node,
): (Tensor | null | typeof DELIVERED)[] {
  const { source, filters, geometry } = saved as Saved;
  if (isRecording()) {
    const dx = x.requiresGrad ? convResult(grad, weight, x.shape, geometry) : null;
    const dw = weight.requiresGrad ? convWeight(x, grad, weight.shape, geometry) : null;
    return [dx, dw, bias?.requiresGrad ? sumOverPixels(grad) : null];
  }
  const dy = rowMajor(grad);
  return [
    x.requiresGrad ? forward(dy, filters, x.shape, geometry) : null,
    // Both change places: x is what the convolution gave, dy what it took.
    weight.requiresGrad ? weightGradients(source, dy, weight, null, geometry)[0] : null,
    bias?.requiresGrad ? sumOverPixels(dy) : null,
  ];
}

function forward(dy: Tensor, weight: Tensor, shape: readonly number[], geometry: readonly number[]): Tensor {
  const dx = Tensor.empty(shape, dy.dtype);
  const kernels = kernelsFor(dy.dtype);
  bindConvolution(dy.address, weight.address, 0, dx.address, geometry);
  if (dx.size > 0) kernels.conv2d(block);
  return dx;
}

/** The axes of the convolution that this one transposes: `out` is x's size, `size` the result's. */
export function transposedAxes(
  where: string,
  dims: number,
  x: readonly number[],
  weight: readonly number[],
  options: ConvTransposeOptions,
): Axis[] {
  const groups = checkGroups(where, options.groups);
  if (x.length !== dims + 2 || weight.length !== dims + 2) {
    throw new ShapeError(
      `${where}: x and weight must have ${dims + 2} dimensions (weight [C, O/groups, kernel]), got ${show(x)} and ${show(weight)}`,
    );
  }
  if (x[1] !== weight[0] || x[1] % groups !== 0) {
    throw new ShapeError(
      `${where}: x ${show(x)} has ${x[1]} channels, but weight ${show(weight)} takes ${weight[0]} in ${groups} groups`,
    );
  }
  const sizes = (name: 'stride' | 'padding' | 'outputPadding' | 'dilation', least: number) =>
    sizesOf(`${where}: ${name}`, options[name] ?? least, dims, least);
  const [stride, padding, added, dilation] = [
    sizes('stride', 1),
    sizes('padding', 0),
    sizes('outputPadding', 0),
    sizes('dilation', 1),
  ];
  if (added.some((n, d) => n >= Math.max(stride[d], dilation[d]))) {
    throw new ShapeError(
      `${where}: outputPadding ${show(added)} must be below stride ${show(stride)} or dilation ${show(dilation)}`,
    );
  }
  const axes = stride.map((step, d): Axis => {
    const [out, kernel] = [x[2 + d], weight[2 + d]];
    const size = (out - 1) * step - 2 * padding[d] + dilation[d] * (kernel - 1) + added[d] + 1;
    return { size, kernel, out, stride: step, padding: padding[d], dilation: dilation[d] };
  });
  if (axes.some(({ size, out }) => size < 1 || out < 1)) {
    throw new ShapeError(`${where}: x ${show(x)} with padding ${show(padding)} leaves no result`);
  }
  return axes;
}

readsNothing(transposedGradient);
