/** Arithmetic, functions and comparisons, elementwise. */
import type { Call, Translation, Translations } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';

/** The ONNX operator of this name on the same inputs. */
export const plain =
  (type: string): Translation =>
  ({ inputs }, graph) =>
    graph.add(type, inputs);

/** With the number that the settings are. */
const withNumber =
  (type: string): Translation =>
  (call, graph) =>
    graph.add(type, [
      call.x,
      graph.scalar(
        call.fixed((value: number) => value),
        call.dtype,
      ),
    ]);

/** Operators of order take no bool or uint8. */
const ordered =
  (type: string): Translation =>
  (call, graph) =>
    graph.add(type, asNumbers(call, graph));

function asNumbers({ inputs, dtype }: Call, graph: GraphBuilder): (string | null)[] {
  if (dtype !== 'bool' && dtype !== 'uint8') return [...inputs];
  return inputs.map((input) => graph.add('Cast', [input], { to: 6 }));
}

const clip: Translation = (call, graph) => {
  const limits = call.fixed((limits: readonly [number, number]) => limits);
  return graph.add('Clip', [
    call.x,
    ...limits.map((limit) => (Number.isFinite(limit) ? graph.scalar(limit, call.dtype) : null)),
  ]);
};

/** Roundings of whole numbers change nothing. */
const rounded =
  (type: string): Translation =>
  ({ x, dtype }, graph) =>
    graph.add(dtype.startsWith('float') ? type : 'Identity', [x]);

export const elementwise: Translations = {
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  pow: plain('Pow'),
  maximum: plain('Max'),
  minimum: plain('Min'),
  addScalar: withNumber('Add'),
  scale: withNumber('Mul'),
  powScalar: withNumber('Pow'),
  remainder: ({ inputs: [a, b], dtype }, graph) => {
    if (!dtype.startsWith('float')) return graph.add('Mod', [a, b]);
    return graph.add('Sub', [a, graph.add('Mul', [b, graph.add('Floor', [graph.add('Div', [a, b])])])]);
  },
  neg: plain('Neg'),
  abs: plain('Abs'),
  sign: plain('Sign'),
  exp: plain('Exp'),
  log: plain('Log'),
  log1p: ({ x, dtype }, graph) => graph.add('Log', [graph.add('Add', [x, graph.scalar(1, dtype)])]),
  sqrt: plain('Sqrt'),
  rsqrt: ({ x }, graph) => graph.add('Reciprocal', [graph.add('Sqrt', [x])]),
  sin: plain('Sin'),
  cos: plain('Cos'),
  erf: plain('Erf'),
  floor: rounded('Floor'),
  ceil: rounded('Ceil'),
  round: rounded('Round'),
  trunc: ({ x, dtype }, graph) => {
    if (!dtype.startsWith('float')) return graph.add('Identity', [x]);
    return graph.add('Mul', [graph.add('Sign', [x]), graph.add('Floor', [graph.add('Abs', [x])])]);
  },
  clamp: clip,
  hardtanh: clip,
  eq: plain('Equal'),
  ne: ({ inputs }, graph) => graph.add('Not', [graph.add('Equal', inputs)]),
  lt: ordered('Less'),
  le: ordered('LessOrEqual'),
  gt: ordered('Greater'),
  ge: ordered('GreaterOrEqual'),
  logicalAnd: plain('And'),
  logicalOr: plain('Or'),
  where: plain('Where'),
};
