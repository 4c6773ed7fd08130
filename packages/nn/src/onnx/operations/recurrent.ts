/** Recurrent layers, each direction by itself. ONNX has other orders of gates, and the directions as a dimension of their own. */
import type { Translation, Translations } from '../call.ts';
import type { Attribute } from '../model-proto.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { slice } from './movement.ts';

interface Settings {
  /** How many sequences reach each time step. */
  readonly batchSizes: readonly number[];
  readonly reverse: boolean;
  readonly nonlinearity?: 'tanh' | 'relu';
}

/** The rows of a weight or bias, gate by gate in another order, with a dimension for the direction. */
function reordered(graph: GraphBuilder, vector: string, size: number, order: readonly number[]): string {
  const first = graph.integers([0]);
  if (order.every((gate, i) => gate === i)) return graph.add('Unsqueeze', [vector, first]);
  const gates = order.map((gate) => slice(graph, vector, 0, gate * size, (gate + 1) * size));
  return graph.add('Unsqueeze', [graph.add('Concat', gates, { axis: 0 }), first]);
}

/** `type` with PyTorch's gates in ONNX's `order`, and how many states it has. */
function layer(type: 'RNN' | 'GRU' | 'LSTM', order: readonly number[], states: number): Translation {
  return (call, graph) => {
    const [x, ...rest] = call.inputs;
    const [weightIh, weightHh, biasIh, biasHh, weightHr] = rest.slice(states);
    if (weightHr) throw call.refusal('ONNX has no projection of the hidden state (projSize)');
    const hidden = call.fixedSize(1, 1 + states + 1);
    const { reverse, nonlinearity, isUniform } = call.fixed(
      ({ batchSizes, reverse, nonlinearity = 'tanh' }: Settings) => ({
        reverse,
        nonlinearity,
        isUniform: batchSizes.every((size) => size === batchSizes[0]),
      }),
    );
    if (!isUniform) throw call.refusal('packed sequences of unequal lengths are not exported; pad them');
    const time = call.size(({ batchSizes }: Settings) => batchSizes.length);
    const [batch] = call.given(1).shape;
    const [weights, recurrent] = [weightIh, weightHh].map((weight) => reordered(graph, weight!, hidden, order));
    const biases = biasIh
      ? graph.add(
          'Concat',
          [biasIh, biasHh!].map((bias) => reordered(graph, bias, hidden, order)),
          { axis: 1 },
        )
      : null;
    const first = graph.integers([0]);
    const initial = rest.slice(0, states).map((state) => graph.add('Unsqueeze', [state, first]));
    const sequence = graph.reshape(x!, [time, batch, call.fixedSize(1)]);
    const attributes: Record<string, Attribute> = { hidden_size: hidden, direction: reverse ? 'reverse' : 'forward' };
    if (type === 'GRU') attributes['linear_before_reset'] = 1;
    const [output, ...last] = graph.addMany(
      type,
      [sequence, weights, recurrent, biases, null, ...initial],
      1 + states,
      type === 'RNN' ? { ...attributes, activations: [nonlinearity === 'relu' ? 'Relu' : 'Tanh'] } : attributes,
    );
    const rows = graph.add('Reshape', [output, graph.integers([-1, hidden])]);
    return [rows, ...last.map((state) => graph.add('Squeeze', [state, first]))];
  };
}

export const recurrent: Translations = {
  rnn: layer('RNN', [0], 1),
  gru: layer('GRU', [1, 0, 2], 1), // r, z, n → z, r, h
  lstm: layer('LSTM', [0, 3, 1, 2], 2), // i, f, g, o → i, o, f, c
};
