import type { Call, Translation, Translations } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { plain } from './elementwise.ts';

/** With one option, the number that the settings are. */
const withAlpha =
  (type: string): Translation =>
  (call, graph) =>
    graph.add(type, [call.x], { alpha: { float: call.fixed((value: number) => value) } });

const alongDim =
  (type: string): Translation =>
  (call, graph) => {
    const axis = call.fixed((dim: number) => dim);
    return graph.add(type, [call.x], { axis: axis < 0 ? axis + call.rank : axis });
  };

/** Arithmetic with numbers of x's type. */
function numbers({ dtype }: Call, graph: GraphBuilder) {
  return {
    add: (x: string, value: number) => graph.add('Add', [x, graph.scalar(value, dtype)]),
    mul: (x: string, value: number) => graph.add('Mul', [x, graph.scalar(value, dtype)]),
  };
}

export const activations: Translations = {
  relu: plain('Relu'),
  leakyRelu: withAlpha('LeakyRelu'),
  elu: withAlpha('Elu'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  softsign: plain('Softsign'),
  hardswish: plain('HardSwish'),
  softmax: alongDim('Softmax'),
  logSoftmax: alongDim('LogSoftmax'),
  silu: ({ x }, graph) => graph.add('Mul', [x, graph.add('Sigmoid', [x])]),
  mish: ({ x }, graph) => graph.add('Mul', [x, graph.add('Tanh', [graph.add('Softplus', [x])])]),

  /** x·(1 + erf(x/√2))/2 */
  gelu: (call, graph) => {
    const { add, mul } = numbers(call, graph);
    const erf = graph.add('Erf', [mul(call.x, Math.SQRT1_2)]);
    return mul(graph.add('Mul', [call.x, add(erf, 1)]), 0.5);
  },

  /** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 */
  geluTanh: (call, graph) => {
    const { add, mul } = numbers(call, graph);
    const cube = graph.add('Mul', [graph.add('Mul', [call.x, call.x]), call.x]);
    const inside = mul(graph.add('Add', [call.x, mul(cube, 0.044715)]), Math.sqrt(2 / Math.PI));
    return mul(graph.add('Mul', [call.x, add(graph.add('Tanh', [inside]), 1)]), 0.5);
  },

  softplus: (call, graph) => {
    const [beta, threshold] = call.fixed((settings: readonly [number, number]) => settings);
    const { mul } = numbers(call, graph);
    const scaled = beta === 1 ? call.x : mul(call.x, beta);
    const soft = graph.add('Softplus', [scaled]);
    const y = beta === 1 ? soft : mul(soft, 1 / beta);
    if (threshold >= 20) return y; // beyond it the two are equal in float32
    return graph.add('Where', [graph.add('Greater', [scaled, graph.scalar(threshold, call.dtype)]), call.x, y]);
  },
};
