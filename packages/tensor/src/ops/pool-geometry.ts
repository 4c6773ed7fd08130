/** Sizes of pooling windows: checked, and laid out as the words of the kernels' argument block. */
import { ShapeError } from '../errors.ts';
import { show } from '../shape.ts';
import { sizesOf, type Sizes } from '../sizes.ts';

/** Geometry of pooling windows; each size is one number, or one for each spatial dimension. */
export interface PoolOptions {
  /** The kernel's size unless given: windows side by side. */
  readonly stride?: Sizes;
  /** On both sides, at most half of the kernel; 0 unless given. */
  readonly padding?: Sizes;
  /** Round the size of the result up, as long as the last window starts inside the input or its left padding. */
  readonly ceilMode?: boolean;
}

/** One spatial dimension of a pooling. */
export interface PoolAxis {
  readonly size: number;
  readonly kernel: number;
  readonly out: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** The last `dims` dimensions of x: [N, C, …] or [C, …], as windows of kernelSize go over them. */
export function poolAxes(
  where: string,
  dims: number,
  x: readonly number[],
  kernelSize: Sizes,
  options: PoolOptions & { readonly dilation?: Sizes },
): PoolAxis[] {
  if (x.length !== dims + 1 && x.length !== dims + 2) {
    const spatial = ['D', 'H', 'W'].slice(-dims).join(', ');
    throw new ShapeError(`${where}: x must be [N, C, ${spatial}] or [C, ${spatial}], got ${show(x)}`);
  }
  const kernel = sizesOf(`${where}: kernelSize`, kernelSize, dims, 1);
  const stride = sizesOf(`${where}: stride`, options.stride ?? kernel, dims, 1);
  const padding = sizesOf(`${where}: padding`, options.padding ?? 0, dims, 0);
  const dilation = sizesOf(`${where}: dilation`, options.dilation ?? 1, dims, 1);
  if (padding.some((pad, d) => 2 * pad > kernel[d])) {
    throw new ShapeError(`${where}: padding ${show(padding)} is more than half of the kernel ${show(kernel)}`);
  }
  const axes = kernel.map((size, d) => {
    const axis = {
      size: x[x.length - dims + d],
      kernel: size,
      stride: stride[d],
      padding: padding[d],
      dilation: dilation[d],
    };
    return { ...axis, out: windowCount(axis, options.ceilMode ?? false) };
  });
  if (axes.some(({ out, size }) => out < 1 || size < 1)) {
    throw new ShapeError(`${where}: the window ${show(kernel)} is larger than the padded input ${show(x)}`);
  }
  return axes;
}

function windowCount({ size, kernel, stride, padding, dilation }: Omit<PoolAxis, 'out'>, ceilMode: boolean): number {
  const steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride;
  const count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceilMode && (count - 1) * stride >= size + padding ? count - 1 : count;
}

/** Words 3 to 15 of the argument block (assembly/pool.ts) for one or two spatial dimensions. */
export function poolWords(shape: readonly number[], axes: readonly PoolAxis[]): number[] {
  const planes = shape.slice(0, shape.length - axes.length).reduce((product, size) => product * size, 1);
  const [h, w] = axes.length === 1 ? [POINT, axes[0]] : axes;
  return [
    ...[planes, h.size, w.size, h.out, w.out, h.kernel, w.kernel],
    ...[h.stride, w.stride, h.padding, w.padding, h.dilation, w.dilation],
  ];
}

const POINT: PoolAxis = { size: 1, kernel: 1, out: 1, stride: 1, padding: 0, dilation: 1 };

/** x's shape with the sizes of the result. */
export function pooledShape(x: readonly number[], axes: readonly PoolAxis[]): number[] {
  return [...x.slice(0, x.length - axes.length), ...axes.map(({ out }) => out)];
}
