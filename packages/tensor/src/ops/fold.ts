/** Images as columns of their windows, and back: what convolutions are made of. */
import { ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import { sizesOf, type Sizes } from '../sizes.ts';
import type { Tensor } from '../tensor.ts';
import { pad } from './pad.ts';
import { narrow, permute, reshape, squeeze, unsqueeze } from './reshape.ts';
import { sumWindows, windowsOf, type Windows } from './windows.ts';

/** Each size is one number, or one for each spatial dimension. */
export interface FoldOptions {
  /** Distance between the elements of one window; 1 unless given. */
  readonly dilation?: Sizes;
  /** Zeros on both sides; 0 unless given. */
  readonly padding?: Sizes;
  /** 1 unless given. */
  readonly stride?: Sizes;
}

/** The windows of images as columns. x: [N, C, H, W] or [C, H, W] → [N, C·KH·KW, OH·OW]. Throws ShapeError if there are none. */
export function im2col(x: Tensor, kernelSize: Sizes, options: FoldOptions = {}): Tensor {
  if (x.rank === 3) return squeeze(im2col(unsqueeze(x, 0), kernelSize, options), 0);
  if (x.rank !== 4) throw new ShapeError(`im2col: x must be [N, C, H, W] or [C, H, W], got ${show(x.shape)}`);
  const { rows, columns, padding } = geometryOf('im2col', x.shape.slice(2), kernelSize, options);
  const padded = pad(x, [padding[1], padding[1], padding[0], padding[0]]);
  const windows = permute(windowsOf(windowsOf(padded, rows), columns), [0, 1, 4, 5, 2, 3]);
  const [n, c] = x.shape;
  return reshape(windows, [n, c * rows.size * columns.size, rows.count * columns.count]);
}

/**
 * The adjoint of im2col: elements of windows that overlap add up. x: [N, C·KH·KW, OH·OW], or without N → [N, C, H, W] with
 * outputSize [H, W]. Throws ShapeError if the windows of such an image are not those of x.
 */
export function col2im(x: Tensor, outputSize: Sizes, kernelSize: Sizes, options: FoldOptions = {}): Tensor {
  if (x.rank === 2) return squeeze(col2im(unsqueeze(x, 0), outputSize, kernelSize, options), 0);
  const size = sizesOf('col2im: outputSize', outputSize, 2, 1);
  const { rows, columns, padding } = geometryOf('col2im', size, kernelSize, options);
  const [n, all, count] = x.shape;
  const channels = all / (rows.size * columns.size);
  if (x.rank !== 3 || !Number.isInteger(channels) || count !== rows.count * columns.count) {
    const [per, windows] = [rows.size * columns.size, rows.count * columns.count];
    throw new ShapeError(`col2im: x ${show(x.shape)} must be [N, C·${per}, ${windows}] for an image ${show(size)}`);
  }
  const blocks = reshape(x, [n, channels, rows.size, columns.size, rows.count, columns.count]);
  const inRows = sumWindows(permute(blocks, [0, 1, 4, 5, 2, 3]), columns, size[1] + 2 * padding[1]);
  const whole = sumWindows(inRows, rows, size[0] + 2 * padding[0]);
  return narrow(narrow(whole, 2, padding[0], size[0]), 3, padding[1], size[1]);
}

interface Geometry {
  readonly rows: Windows;
  readonly columns: Windows;
  readonly padding: readonly number[];
}

function geometryOf(where: string, size: readonly number[], kernelSize: Sizes, options: FoldOptions): Geometry {
  const kernel = sizesOf(`${where}: kernelSize`, kernelSize, 2, 1);
  const stride = sizesOf(`${where}: stride`, options.stride ?? 1, 2, 1);
  const padding = sizesOf(`${where}: padding`, options.padding ?? 0, 2, 0);
  const dilation = sizesOf(`${where}: dilation`, options.dilation ?? 1, 2, 1);
  const [rows, columns] = [0, 1].map((d): Windows => {
    const free = size[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1;
    if (free < 0) {
      throw new ShapeError(`${where}: the window ${show(kernel)} is larger than the padded image ${show(size)}`);
    }
    const count = Math.floor(free / stride[d]) + 1;
    return { dim: 2 + d, count, size: kernel[d], step: stride[d], dilation: dilation[d] };
  });
  return { rows, columns, padding };
}
