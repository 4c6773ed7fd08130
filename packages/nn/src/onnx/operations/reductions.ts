import type { Call, Translation, Translations } from '../call.ts';
import { ELEMENT_TYPES } from '../model-proto.ts';

/** Whether the reduced dimensions stay, with size 1. */
const keepdims = ({ rank, shape }: Call): number => Number(shape.length === rank);

/** Over the dimensions that `dims` picks from the settings. */
const over =
  (type: string, dims: (settings: never) => readonly number[]): Translation =>
  (call, graph) => {
    const axes = call.fixed(dims);
    if (axes.length === 0) return graph.add(type === 'ReduceL2' ? 'Abs' : 'Identity', [call.x]);
    return graph.add(type, [call.x], { axes, keepdims: keepdims(call) });
  };

const dim = (dim: number): readonly number[] => [dim];

const place =
  (type: string): Translation =>
  (call, graph) => {
    const found = graph.add(type, [call.x], { axis: call.fixed((dim: number) => dim), keepdims: keepdims(call) });
    return graph.add('Cast', [found], { to: ELEMENT_TYPES.int32 });
  };

export const reductions: Translations = {
  sum: (call, graph) => {
    const axes = call.fixed((dims: readonly number[]) => dims);
    if (axes.length === 0) return graph.add('Identity', [call.x]);
    return graph.add('ReduceSum', [call.x, graph.integers(axes)], { keepdims: keepdims(call) });
  },
  mean: over('ReduceMean', ({ dims }: { dims: readonly number[] }) => dims),
  norm: over('ReduceL2', (dims: readonly number[]) => dims),
  prod: over('ReduceProd', dim),
  maxDim: over('ReduceMax', dim),
  minDim: over('ReduceMin', dim),
  argmax: place('ArgMax'),
  argmin: place('ArgMin'),
  cumsum: (call, graph) => {
    const axis = call.fixed(({ dim }: { dim: number }) => dim);
    return graph.add('CumSum', [call.x, graph.scalar(axis < 0 ? axis + call.rank : axis, 'int32')]);
  },
};
