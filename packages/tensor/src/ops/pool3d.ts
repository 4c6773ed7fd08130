/**
 * Pooling in three dimensions, plane by plane and then along the depth: the greatest of the greatest (the first of equals
 * in the same order), and the mean of means, whose divisors multiply.
 */
import { noted } from '../autograd/trace.ts';
import { poolAxes, type PoolAxis } from './pool-geometry.ts';
import { avgPool2d, checkDivisor, maxPool2d, type AvgPoolOptions, type MaxPoolOptions } from './pooling.ts';
import { reshape } from './reshape.ts';
import type { Sizes } from '../sizes.ts';
import type { Tensor } from '../tensor.ts';

/** Greatest element of each window; padding is −∞. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export function maxPool3d(x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}): Tensor {
  const axes = poolAxes('maxPool3d', 3, x.shape, kernelSize, options);
  const ceilMode = options.ceilMode ?? false;
  const out = inPlanesThenDepth(x, axes, (part, within) =>
    maxPool2d(part, kernels(within), {
      ...windows(within),
      dilation: within.map(({ dilation }) => dilation),
      ceilMode,
    }),
  );
  return noted(out, 'maxPool', [x], { axes, options });
}

/** Mean of each window. x: [N, C, D, H, W] or [C, D, H, W] → [..., OD, OH, OW]. */
export function avgPool3d(x: Tensor, kernelSize: Sizes, options: AvgPoolOptions = {}): Tensor {
  const axes = poolAxes('avgPool3d', 3, x.shape, kernelSize, options);
  const { countIncludePad = true, ceilMode = false } = options;
  const divisor = checkDivisor('avgPool3d', options.divisorOverride ?? null);
  const out = inPlanesThenDepth(x, axes, (part, within, isDepth) => {
    const divisorOverride = divisor !== null && isDepth ? 1 : divisor;
    return avgPool2d(part, kernels(within), { ...windows(within), countIncludePad, ceilMode, divisorOverride });
  });
  return noted(out, 'avgPool', [x], { axes, options });
}

/** Calls `pool` for images whose windows lie in planes, then for images whose rows are the planes. */
function inPlanesThenDepth(
  x: Tensor,
  [depth, ...plane]: readonly PoolAxis[],
  pool: (part: Tensor, within: readonly PoolAxis[], isDepth: boolean) => Tensor,
): Tensor {
  const outer = x.shape.slice(0, -3);
  const count = outer.reduce((product, size) => product * size, 1);
  const [h, w] = plane;
  const planes = pool(reshape(x, [count * depth.size, 1, h.size, w.size]), plane, false);
  const columns = reshape(planes, [count, 1, depth.size, h.out * w.out]);
  return reshape(pool(columns, [depth, POINT], true), [...outer, depth.out, h.out, w.out]);
}

const POINT = { size: 1, kernel: 1, out: 1, stride: 1, padding: 0, dilation: 1 };

function kernels(axes: readonly PoolAxis[]): number[] {
  return axes.map(({ kernel }) => kernel);
}

function windows(axes: readonly PoolAxis[]) {
  return { stride: axes.map(({ stride }) => stride), padding: axes.map(({ padding }) => padding) };
}
