/** Channels laid out as finer pixels, and back (Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution"). */
import { ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { permute, reshape } from './reshape.ts';

/** out[c, h·r + i, w·r + j] = x[c·r² + i·r + j, h, w] for r = upscaleFactor: [..., C·r², H, W] → [..., C, H·r, W·r]. */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const r = upscaleFactor;
  const [c, h, w] = imageSizes('pixelShuffle', 'upscaleFactor', x, r);
  if (c % (r * r) !== 0) {
    throw new ShapeError(`pixelShuffle: ${c} channels of ${show(x.shape)} are no multiple of ${r}²`);
  }
  const outer = x.shape.slice(0, -3);
  const blocks = reshape(x, [...outer, c / (r * r), r, r, h, w]);
  return reshape(inner(blocks, [0, 3, 1, 4, 2]), [...outer, c / (r * r), h * r, w * r]);
}

/** The inverse of pixelShuffle: [..., C, H·r, W·r] → [..., C·r², H, W] for r = downscaleFactor. */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const r = downscaleFactor;
  const [c, h, w] = imageSizes('pixelUnshuffle', 'downscaleFactor', x, r);
  if (h % r !== 0 || w % r !== 0) {
    throw new ShapeError(`pixelUnshuffle: height and width of ${show(x.shape)} are no multiples of ${r}`);
  }
  const outer = x.shape.slice(0, -3);
  const blocks = reshape(x, [...outer, c, h / r, r, w / r, r]);
  return reshape(inner(blocks, [0, 2, 4, 1, 3]), [...outer, c * r * r, h / r, w / r]);
}

/** The last five dimensions in another order. */
function inner(x: Tensor, order: readonly number[]): Tensor {
  const outer = x.rank - 5;
  return permute(x, [...Array.from({ length: outer }, (_, d) => d), ...order.map((d) => outer + d)]);
}

function imageSizes(where: string, factorName: string, x: Tensor, factor: number): readonly number[] {
  if (x.rank < 3) throw new ShapeError(`${where}: x must be [..., C, H, W], got ${show(x.shape)}`);
  if (!Number.isInteger(factor) || factor < 1) {
    throw new ShapeError(`${where}: ${factorName} must be a whole number from 1, got ${factor}`);
  }
  return x.shape.slice(-3);
}
