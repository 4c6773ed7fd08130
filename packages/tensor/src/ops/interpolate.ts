/** Resizing signals, images and volumes, one dimension after another. */
import { noted } from '../autograd/trace.ts';
import { fromTypedArray } from '../create.ts';
import { ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { indexSelect } from './gather.ts';
import { cubicTaps, linearTaps, nearestIndex, type Resize } from './interpolation-taps.ts';
import { sumTaps } from './taps.ts';

export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear';

/** Either `size` or `scaleFactor`, each one number or one for each spatial dimension. */
export interface InterpolateOptions {
  readonly size?: number | readonly number[] | null;
  /** The result's size is ⌊n·scaleFactor⌋, its places 1/scaleFactor apart. */
  readonly scaleFactor?: number | readonly number[] | null;
  readonly mode?: InterpolationMode;
  /** Whether the first and last elements keep their places (not for the nearest modes); else the elements' outer edges do. */
  readonly alignCorners?: boolean | null;
  /** Whether places are n/size apart also where scaleFactor is given. */
  readonly recomputeScaleFactor?: boolean | null;
}

/**
 * x resized to `size`, or by `scaleFactor`. x: [N, C, L], [N, C, H, W] or [N, C, D, H, W]: 'nearest' (which takes ⌊i·step⌋)
 * and 'nearest-exact' any of them, 'linear' the first, 'bilinear' and 'bicubic' the second, 'trilinear' the third.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = 'nearest', alignCorners = null } = options;
  checkMode(x, mode, alignCorners);
  const round = x.dtype === 'float32' ? Math.fround : (value: number): number => value;
  const resized = resizes(x, options);
  const out = resized.reduceRight((part, resize, i) => {
    const dim = i + 2;
    if (mode === 'nearest' || mode === 'nearest-exact') {
      const index = nearestIndex(resize, mode === 'nearest-exact', round).flat();
      return indexSelect(part, dim, fromTypedArray(Int32Array.from(index), [resize.out]));
    }
    if (mode === 'bicubic') return sumTaps(part, dim, cubicTaps(resize));
    return resize.size === resize.out ? part : sumTaps(part, dim, linearTaps(resize));
  }, x);
  return noted(out, 'interpolate', [x], { mode, alignCorners, resized });
}

/** Spatial dimensions of each mode; null: any. */
const DIMENSIONS: Readonly<Record<InterpolationMode, number | null>> = {
  nearest: null,
  'nearest-exact': null,
  linear: 1,
  bilinear: 2,
  bicubic: 2,
  trilinear: 3,
};

function checkMode(x: Tensor, mode: InterpolationMode, alignCorners: boolean | null): void {
  const dims = DIMENSIONS[mode];
  if (dims === undefined) {
    const known = Object.keys(DIMENSIONS).join(', ');
    throw new ShapeError(`interpolate: mode must be one of ${known}, got ${JSON.stringify(mode)}`);
  }
  const fits = dims === null ? x.rank >= 3 && x.rank <= 5 : x.rank === dims + 2;
  if (!fits || x.shape.slice(2).includes(0)) {
    const count = dims ?? 'one to three';
    throw new ShapeError(
      `interpolate: mode '${mode}' needs x [N, C] and ${count} more, not empty, got ${show(x.shape)}`,
    );
  }
  if (dims === null && alignCorners !== null) {
    throw new ShapeError(`interpolate: mode '${mode}' has no alignCorners; leave it out`);
  }
}

function resizes(x: Tensor, { size, scaleFactor, alignCorners, recomputeScaleFactor }: InterpolateOptions): Resize[] {
  if ((size ?? null) === null ? (scaleFactor ?? null) === null : (scaleFactor ?? null) !== null) {
    throw new ShapeError('interpolate: give either size or scaleFactor');
  }
  const spatial = x.shape.slice(2);
  const given = size ?? scaleFactor!;
  const list = typeof given === 'number' ? spatial.map(() => given) : given;
  const outs = spatial.map((n, d) => ((size ?? null) === null ? Math.floor(n * list[d]) : list[d]));
  if (list.length !== spatial.length || !outs.every((out) => Number.isInteger(out) && out >= 1)) {
    throw new ShapeError(
      `interpolate: size ${JSON.stringify(size ?? null)} or scaleFactor ${JSON.stringify(scaleFactor ?? null)} makes no size of at least 1 for each of ${show(spatial)}`,
    );
  }
  const byScale = (size ?? null) === null && !recomputeScaleFactor;
  return spatial.map((n, d) => {
    const out = outs[d];
    const edges = byScale ? 1 / list[d] : n / out;
    const corners = out > 1 ? (n - 1) / (out - 1) : 0;
    return { size: n, out, step: alignCorners ? corners : edges, alignCorners: alignCorners ?? false };
  });
}
