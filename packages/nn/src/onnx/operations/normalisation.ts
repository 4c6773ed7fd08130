import type { Call, Translation, Translations } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';

interface RowSettings {
  /** How many last dimensions are normalised, or how many groups. */
  readonly count: number;
  readonly eps: number;
}

/** y·weight + bias, each [C], for the channels in dimension 1. */
function byChannel(call: Call, graph: GraphBuilder, y: string): string {
  const [, weight = null, bias = null] = call.inputs;
  const shape = [-1, ...Array.from({ length: call.rank - 2 }, () => 1)];
  const column = (vector: string): string => graph.add('Reshape', [vector, graph.integers(shape)]);
  const scaled = weight ? graph.add('Mul', [y, column(weight)]) : y;
  return bias ? graph.add('Add', [scaled, column(bias)]) : scaled;
}

/** [size] of the same number. */
function uniform(graph: GraphBuilder, { dtype }: Call, size: number, value: number): string {
  const array = dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
  return graph.constant(array.fill(value), dtype, [size]);
}

/** Groups become the channels of images of one row, which InstanceNormalization takes one by one. */
const groupNorm: Translation = (call, graph) => {
  const { count, eps } = call.fixed((settings: RowSettings) => settings);
  const rows = graph.add('Reshape', [call.x, graph.integers([0, count, -1])]);
  const ones = uniform(graph, call, count, 1);
  const normed = graph.add('InstanceNormalization', [rows, ones, uniform(graph, call, count, 0)], {
    epsilon: { float: eps },
  });
  return byChannel(call, graph, graph.add('Reshape', [normed, graph.add('Shape', [call.x])]));
};

const batchNorm: Translation = (call, graph) => {
  const { eps, training } = call.fixed(({ eps = 1e-5, training = false }: { eps?: number; training?: boolean }) => ({
    eps,
    training,
  }));
  const [x, weight, bias, mean, variance] = call.inputs;
  if (!mean || !variance) return byChannel(call, graph, ofBatch(call, graph, eps));
  if (training) throw call.refusal('it runs in training mode, but a file is for inference');
  const channels = call.fixedSize(1);
  const factors = weight ?? uniform(graph, call, channels, 1);
  const offsets = bias ?? uniform(graph, call, channels, 0);
  return graph.add('BatchNormalization', [x, factors, offsets, mean, variance], { epsilon: { float: eps } });
};

/** (x − mean)/√(var + eps) with the moments of the batch itself, where there are no running ones. */
function ofBatch({ x, rank, dtype }: Call, graph: GraphBuilder, eps: number): string {
  const axes = Array.from({ length: rank }, (_, d) => d).filter((d) => d !== 1);
  const mean = (of: string): string => graph.add('ReduceMean', [of], { axes, keepdims: 1 });
  const centred = graph.add('Sub', [x, mean(x)]);
  const variance = mean(graph.add('Mul', [centred, centred]));
  return graph.add('Div', [centred, root(graph, variance, eps, dtype)]);
}

function root(graph: GraphBuilder, variance: string, eps: number, dtype: Call['dtype']): string {
  return graph.add('Sqrt', [graph.add('Add', [variance, graph.scalar(eps, dtype)])]);
}

export const normalisation: Translations = {
  batchNorm,
  groupNorm,
  instanceNorm: groupNorm,

  layerNorm: (call, graph) => {
    const { count, eps } = call.fixed((settings: RowSettings) => settings);
    const [x, weight, bias] = call.inputs;
    const sizes = call
      .given(0)
      .shape.slice(-count)
      .map((_, d) => call.fixedSize(d - count));
    const ones = (): string => {
      const size = sizes.reduce((all, n) => all * n, 1);
      const array = call.dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
      return graph.constant(array.fill(1), call.dtype, sizes);
    };
    return graph.add('LayerNormalization', [x, weight ?? ones(), bias], { axis: -count, epsilon: { float: eps } });
  },

  rmsNorm: (call, graph) => {
    const { count, eps } = call.fixed((settings: RowSettings) => settings);
    const axes = Array.from({ length: count }, (_, d) => d - count);
    const [x, weight] = call.inputs;
    const mean = graph.add('ReduceMean', [graph.add('Mul', [x, x])], { axes, keepdims: 1 });
    const normed = graph.add('Div', [x, root(graph, mean, eps, call.dtype)]);
    return weight ? graph.add('Mul', [normed, weight]) : normed;
  },
};
