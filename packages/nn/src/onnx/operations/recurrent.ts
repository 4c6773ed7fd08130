/** Recurrent layers, each direction by itself. ONNX has other orders of gates, and the directions as a dimension of their own. */
import type { Translation, Translations } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import type { Attribute } from '../model-proto.ts';
import { slice } from './movement.ts';
import { projectedLstm } from './projected-lstm.ts';

interface Settings {
  /** How many sequences reach each time step. */
  readonly batchSizes: readonly number[];
  readonly reverse: boolean;
  readonly nonlinearity?: 'tanh' | 'relu';
}

/** Sequences of unequal lengths, whose rows lie without padding in one matrix, and in ONNX with it. */
interface Packed {
  readonly lengths: readonly number[];
  /** For each time step and sequence its row; 0 for padding. */
  readonly rows: readonly number[];
  /** Where each row lies among the time steps and sequences. */
  readonly places: readonly number[];
}

/** Null where all sequences are equally long. */
function packed(batchSizes: readonly number[]): Packed | null {
  const [batch] = batchSizes;
  if (batchSizes.every((size) => size === batch)) return null;
  const places = batchSizes.flatMap((size, t) => Array.from({ length: size }, (_, i) => t * batch + i));
  return {
    lengths: Array.from({ length: batch }, (_, i) => batchSizes.filter((size) => size > i).length),
    rows: Array.from({ length: batchSizes.length * batch }, (_, place) => Math.max(places.indexOf(place), 0)),
    places,
  };
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
    const { reverse, nonlinearity, uneven } = call.fixed(
      ({ batchSizes, reverse, nonlinearity = 'tanh' }: Settings) => ({
        reverse,
        nonlinearity,
        uneven: packed(batchSizes),
      }),
    );
    if (weightHr) {
      if (uneven)
        throw call.refusal('sequences of unequal lengths with a projection (projSize) are not exported; pad them');
      return projectedLstm(
        call,
        graph,
        call.fixed(({ batchSizes }: Settings) => batchSizes.length),
        reverse,
      );
    }
    const hidden = call.fixedSize(1, 1 + states + 1);
    const first = graph.integers([0]);
    const [weights, recurrent] = [weightIh, weightHh].map((weight) => reordered(graph, weight!, hidden, order));
    const both = biasIh ? [biasIh, biasHh!].map((bias) => reordered(graph, bias, hidden, order)) : null;
    const biases = both && graph.add('Concat', both, { axis: 1 });
    const initial = rest.slice(0, states).map((state) => graph.add('Unsqueeze', [state, first]));

    const time = call.size(({ batchSizes }: Settings) => batchSizes.length);
    const [batch] = call.given(1).shape;
    const rows = uneven ? graph.add('Gather', [x, graph.integers(uneven.rows)]) : x!;
    const sequence = graph.reshape(rows, [time, batch, call.fixedSize(1)]);
    const lengths = uneven && graph.constant(Int32Array.from(uneven.lengths), 'int32', [uneven.lengths.length]);
    const attributes: Record<string, Attribute> = { hidden_size: hidden, direction: reverse ? 'reverse' : 'forward' };
    if (type === 'GRU') attributes['linear_before_reset'] = 1;
    if (type === 'RNN') attributes['activations'] = [nonlinearity === 'relu' ? 'Relu' : 'Tanh'];
    const inputs = [sequence, weights, recurrent, biases, lengths, ...initial];
    const [output, ...last] = graph.addMany(type, inputs, 1 + states, attributes);
    const places = graph.add('Reshape', [output, graph.integers([-1, hidden])]);
    return [
      uneven ? graph.add('Gather', [places, graph.integers(uneven.places)]) : places,
      ...last.map((state) => graph.add('Squeeze', [state, first])),
    ];
  };
}

export const recurrent: Translations = {
  rnn: layer('RNN', [0], 1),
  gru: layer('GRU', [1, 0, 2], 1), // r, z, n → z, r, h
  lstm: layer('LSTM', [0, 3, 1, 2], 2), // i, f, g, o → i, o, f, c
};
