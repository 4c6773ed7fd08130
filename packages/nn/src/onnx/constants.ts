/** Parameters, buffers and constants of the traced graph as initializers of the file. */
import { GradwireError, type DType, type Tensor } from '@gradwire/tensor';
import type { GraphBuilder } from './graph-builder.ts';
import { at, sameElements, type GraphValue } from './traced-graph.ts';
import type { Size } from './sizes.ts';
import { ELEMENT_TYPES } from './model-proto.ts';

/** A parameter or buffer under its key. */
export function stateInitializer(graph: GraphBuilder, key: string, tensor: Tensor): string {
  return graph.constant(tensor.data(), tensor.dtype, tensor.shape, key);
}

/**
 * A constant. One whose size follows from named axes must be of one number, or count up: such are made by nodes. Throws
 * GradwireError ERR_ONNX for others.
 */
export function constantNode(graph: GraphBuilder, { constants, shape, dtype }: GraphValue, path: string): string {
  const all = constants!;
  const [data] = all;
  if (all.every(({ length }) => length === data.length)) {
    if (all.every((other) => sameElements(other, data))) return graph.constant(data, dtype, shape as number[]);
    throw new GradwireError(
      'ERR_ONNX',
      `${at(path)}a tensor [${shape.join(', ')}] is another one in every run: it depends on the values of the inputs without being computed of them by operations, or on chance`,
    );
  }
  const value = data[0];
  if (all.every((elements) => elements.every((element) => element === value))) {
    return graph.add('Expand', [graph.scalar(value, dtype), graph.sizes(shape)]);
  }
  const step = data[1] - data[0];
  if (shape.length === 1 && all.every((elements) => elements.every((element, i) => element === value + i * step))) {
    return range(graph, shape[0], value, step, dtype);
  }
  throw new GradwireError(
    'ERR_ONNX',
    `${at(path)}a constant's size follows from a named axis, and its elements are neither equal nor counting up; leave the axis out of dynamicAxes`,
  );
}

/** value, value + step …: [size]. */
function range(graph: GraphBuilder, size: Size, value: number, step: number, dtype: DType): string {
  const count = graph.add('Squeeze', [graph.add('Cast', [graph.size(size)], { to: ELEMENT_TYPES.int32 })]);
  const counting = graph.add(
    'Cast',
    [graph.add('Range', [graph.scalar(0, 'int32'), count, graph.scalar(1, 'int32')])],
    { to: ELEMENT_TYPES[dtype] },
  );
  const scaled = step === 1 ? counting : graph.add('Mul', [counting, graph.scalar(step, dtype)]);
  return value === 0 ? scaled : graph.add('Add', [scaled, graph.scalar(value, dtype)]);
}
