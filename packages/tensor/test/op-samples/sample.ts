import { Generator } from '../../src/random/generator.ts';
import type { DType } from '../../src/dtype.ts';
import type { Tensor } from '../../src/tensor.ts';
import { fromTypedArray, tensor } from '../../src/create.ts';
import { sizeOf, type Shape } from '../../src/shape.ts';

/** An input of a sample: numbers uniform in [low, high), the same on every run. */
export interface SampleInput {
  readonly shape: Shape;
  readonly low?: number;
  readonly high?: number;
}

/** One call of a differentiable operation. */
export interface OpSample {
  /** The operation's public name: a method of Tensor or an export. */
  readonly op: string;
  /** What is special about this call. */
  readonly title: string;
  readonly inputs: readonly SampleInput[];
  readonly run: (...inputs: Tensor[]) => Tensor;
}

/** The inputs of a sample, each a leaf that requires a gradient. */
export function drawInputs({ inputs }: OpSample, dtype: DType): Tensor[] {
  const generator = new Generator(11);
  return inputs.map(({ shape, low = -2, high = 2 }) => {
    const values = Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * generator.uniform());
    return fromTypedArray(values, shape, { dtype, requiresGrad: true });
  });
}

/** What follows an operation decides the layout of the gradient that comes back to it. */
export const GRADIENT_LAYOUTS: readonly { title: string; after: (y: Tensor) => Tensor }[] = [
  { title: 'row-major', after: (y) => y },
  { title: 'strided', after: (y) => y.permute(y.shape.map((_, d) => y.rank - 1 - d)) },
  { title: 'one number stretched', after: (y) => y.sum() },
];

/** int32 indices or classes. */
export function indices(data: Parameters<typeof tensor>[0]): Tensor {
  return tensor(data, { dtype: 'int32' });
}

/** The layouts in which an elementwise operation may meet its input. */
export const LAYOUTS: readonly { title: string; shape: Shape; view: (x: Tensor) => Tensor }[] = [
  { title: 'a vector', shape: [7], view: (x) => x },
  { title: 'a scalar', shape: [], view: (x) => x },
  { title: 'three dimensions, one of size 1', shape: [2, 1, 3], view: (x) => x },
  { title: 'a transposed matrix', shape: [3, 5], view: (x) => x.t() },
  { title: 'every second column', shape: [2, 9], view: (x) => x.slice(1, 1, 9, 2) },
  {
    title: 'a permuted cut of four dimensions',
    shape: [2, 3, 2, 3],
    view: (x) => x.narrow(1, 1, 2).permute([3, 1, 0, 2]),
  },
  { title: 'a stretched row', shape: [1, 5], view: (x) => x.expand([3, 5]) },
  { title: 'no element', shape: [0, 3], view: (x) => x },
];
