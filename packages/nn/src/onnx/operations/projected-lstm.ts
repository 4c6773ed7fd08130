import type { Call } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';

/** ONNX's LSTM has no projection of the hidden state, so that each of the `time` steps gets nodes of its own. */
export function projectedLstm(call: Call, graph: GraphBuilder, time: number, reverse: boolean): string[] {
  const [x, h0, c0, weightIh, weightHh, biasIh, biasHh, weightHr] = call.inputs;
  const product = (a: string, weight: string | null, plus: string | null): string =>
    graph.add('Gemm', [a, weight, plus], { transB: 1 });
  const times = (a: string, b: string): string => graph.add('Mul', [a, b]);
  const of = (type: string, a: string): string => graph.add(type, [a]);

  const bias = biasIh ? graph.add('Add', [biasIh, biasHh]) : null;
  const fromInputs = product(x!, weightIh, bias);
  const steps = graph.reshape(fromInputs, [time, call.given(1).shape[0], call.fixedSize(0, 3)]);
  let [h, c] = [h0!, c0!];
  const outputs: string[] = [];
  const order = Array.from({ length: time }, (_, t) => t);
  for (const t of reverse ? order.reverse() : order) {
    const own = graph.add('Gather', [steps, graph.scalar(t, 'int32')]);
    const [i, f, g, o] = graph.addMany('Split', [product(h, weightHh, own)], 4, { axis: 1 });
    const kept = times(of('Sigmoid', f), c);
    c = graph.add('Add', [kept, times(of('Sigmoid', i), of('Tanh', g))]);
    h = product(times(of('Sigmoid', o), of('Tanh', c)), weightHr, null);
    outputs[t] = h;
  }
  return [graph.add('Concat', outputs, { axis: 0 }), h, c];
}
