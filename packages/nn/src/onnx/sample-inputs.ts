/** Other inputs like the sample ones, with which the model is run again to find out what depends on what. */
import { fromTypedArray, GradwireError, type Tensor, type TypedArray } from '@gradwire/tensor';
import type { AxisSizes } from './sizes.ts';

/** Names of axes by input and dimension, as in { tokens: { 0: 'batch', 1: 'time' } }. */
export type DynamicAxes = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** Where each named axis is first found: the input's name, and the dimension. */
export type AxisPlaces = ReadonlyMap<string, readonly [input: string, dim: number]>;

/** Throws GradwireError ERR_ONNX unless every named axis exists, and has one size. */
export function placesOf(dynamicAxes: DynamicAxes, names: readonly string[], inputs: readonly Tensor[]): AxisPlaces {
  const places = new Map<string, readonly [string, number]>();
  const sizeAt = (input: string, dim: number): number | undefined => inputs[names.indexOf(input)]?.shape[dim];
  for (const [input, axes] of Object.entries(dynamicAxes)) {
    for (const [key, axis] of Object.entries(axes)) {
      const dim = Number(key);
      const size = sizeAt(input, dim);
      const [first, firstDim] = places.get(axis) ?? [input, dim];
      if (size === undefined) {
        throw new GradwireError(
          'ERR_ONNX',
          `exportOnnx: dynamicAxes names dimension ${key} of "${input}", which is none of the inputs ${names.join(', ')}`,
        );
      }
      if (size !== sizeAt(first, firstDim)) {
        throw new GradwireError(
          'ERR_ONNX',
          `exportOnnx: the axis "${axis}" has the sizes ${sizeAt(first, firstDim)} in "${first}" and ${size} in "${input}"`,
        );
      }
      places.set(axis, [first, firstDim]);
    }
  }
  return places;
}

/** How much larger the axes are in the last run, so that a size that grows by steps, as behind a stride, is seen to grow. */
const FAR = 37;

/** The sizes of the named axes in each run. */
export interface RunSizes {
  /** Those given, one larger for each axis alone, and two larger for all. */
  readonly near: readonly AxisSizes[];
  /** All but first dimensions, which are batches as a rule, much larger; null where there are no others. */
  readonly far: AxisSizes | null;
}

export function sizesOfRuns(places: AxisPlaces, names: readonly string[], inputs: readonly Tensor[]): RunSizes {
  const axes = [...places].map(([axis, [input, dim]]) => ({
    axis,
    dim,
    size: inputs[names.indexOf(input)].shape[dim],
  }));
  const grown = (by: (axis: string, dim: number) => number): AxisSizes =>
    Object.fromEntries(axes.map(({ axis, dim, size }) => [axis, size + by(axis, dim)]));
  const alone = axes.map(({ axis }) => grown((other) => Number(other === axis)));
  const isSpatial = axes.some(({ dim }) => dim > 0);
  return {
    near: [grown(() => 0), ...alone, grown(() => 2)],
    far: isSpatial ? grown((_, dim) => (dim > 0 ? FAR : 2)) : null,
  };
}

/** Of the same type and kind, with other values in another order, and the sizes of its named axes. */
export function otherInput(x: Tensor, axes: Readonly<Record<number, string>>, sizes: AxisSizes): Tensor {
  const shape = x.shape.map((size, dim) => (axes[dim] === undefined ? size : sizes[axes[dim]]));
  const data = x.data();
  const count = shape.reduce((all, size) => all * size, 1);
  const other = new (data.constructor as new (size: number) => TypedArray)(count);
  const isFloat = x.dtype === 'float32' || x.dtype === 'float64';
  for (let i = 0; i < count; i++) other[i] = data[data.length - 1 - (i % data.length)] * (isFloat ? 0.75 : 1);
  return fromTypedArray(other, shape, { dtype: x.dtype });
}
