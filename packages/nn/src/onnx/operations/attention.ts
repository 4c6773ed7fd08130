import type { Call, Translations } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { ELEMENT_TYPES } from '../model-proto.ts';
import type { Size } from '../sizes.ts';

interface Settings {
  readonly scale: number;
  readonly causal: boolean;
  readonly dropoutP: number;
}

const LOWEST = -3.4e38; // takes part in no softmax, and makes no NaN of a query that sees no key

/** softmax(scale·q·kᵀ + mask)·v for q, k, v: [..., rows, width]. */
function attend(
  call: Call,
  graph: GraphBuilder,
  [q, k, v, mask]: readonly (string | null)[],
  maskIndex: number,
): string {
  const { scale, causal, dropoutP } = call.fixed(({ scale, causal, dropoutP }: Settings) => ({
    scale,
    causal,
    dropoutP,
  }));
  if (dropoutP > 0) throw call.refusal(`it drops weights (dropoutP ${dropoutP}), which a file for inference cannot`);
  const scaled = graph.add('Mul', [q, graph.scalar(scale, call.dtype)]);
  const scores = graph.add('MatMul', [scaled, k]);
  const seen = causal
    ? graph.add('Where', [causalMask(call, graph, maskIndex === 1), scores, lowest(call, graph)])
    : scores;
  if (!mask) return graph.add('MatMul', [graph.add('Softmax', [seen], { axis: -1 }), v]);
  const isBool = call.given(maskIndex).dtype === 'bool';
  const masked = isBool
    ? graph.add('Where', [mask, seen, lowest(call, graph)])
    : graph.add('Max', [graph.add('Add', [seen, mask]), lowest(call, graph)]);
  const weights = graph.add('Softmax', [masked], { axis: -1 });
  const isSeen = graph.add('Greater', [masked, lowest(call, graph)]);
  const kept = graph.add('Where', [isSeen, weights, graph.scalar(0, call.dtype)]); // a query that sees no key gets zeros
  return graph.add('MatMul', [kept, v]);
}

function lowest({ dtype }: Call, graph: GraphBuilder): string {
  return graph.scalar(LOWEST, dtype);
}

/** [L, S] bool, true up to the diagonal. */
function causalMask(call: Call, graph: GraphBuilder, isPacked: boolean): string {
  const queries = call.given(0).shape.at(-2)!;
  const keys = isPacked ? queries : call.given(1).shape.at(-2)!;
  const ones = graph.add('Expand', [graph.integers([1]), graph.sizes([queries, keys])]);
  return graph.add('Cast', [graph.add('Trilu', [ones], { upper: 0 })], { to: ELEMENT_TYPES.bool });
}

/** The last two dimensions exchanged. */
function transposed(graph: GraphBuilder, x: string, rank: number): string {
  const order = Array.from({ length: rank }, (_, d) => d);
  return graph.add('Transpose', [x], { perm: [...order.slice(0, -2), rank - 1, rank - 2] });
}

/** Each head of x [N, H, rows, width] as often as there are more heads in q. */
function repeated(call: Call, graph: GraphBuilder, index: number): string {
  const x = call.inputs[index]!;
  const [{ shape }, { shape: queries }] = [call.given(index), call.given(0)];
  const [own, heads] = [shape.at(-3), queries.at(-3)];
  if (shape.length < 3 || own === heads) return x;
  const apart = graph.add('Unsqueeze', [x, graph.integers([-3])]);
  const times = call.fixedSize(-3) / call.fixedSize(-3, index);
  const stretched = graph.add('Expand', [apart, graph.integers([times, 1, 1])]);
  const outer: readonly Size[] = queries.slice(0, -3);
  return graph.reshape(stretched, [...outer, heads!, ...shape.slice(-2)]);
}

export const attention: Translations = {
  attention: (call, graph) => {
    const [q, , , mask] = call.inputs;
    const [keys, values] = [repeated(call, graph, 1), repeated(call, graph, 2)];
    return attend(call, graph, [q, transposed(graph, keys, call.given(1).shape.length), values, mask], 3);
  },

  /** x: [N, L, H, D], cos and sin: [L, D/2] or [N, L, D/2]. */
  rotary: (call, graph) => {
    const [x, ...tables] = call.inputs;
    const [cos, sin] = tables.map((table) => graph.add('Unsqueeze', [table, graph.integers([-2])]));
    const half = call.fixedSize(-1) / 2;
    const isInterleaved = call.fixed((interleaved: boolean) => interleaved);
    const pairs = graph.add('Reshape', [x, graph.integers([0, 0, 0, ...(isInterleaved ? [half, 2] : [2, half])])]);
    const part = (index: number): string =>
      graph.add('Gather', [pairs, graph.scalar(index, 'int32')], { axis: isInterleaved ? 4 : 3 });
    const [a, b] = [part(0), part(1)];
    const times = (p: string, q: string): string => graph.add('Mul', [p, q]);
    const turned = [graph.add('Sub', [times(a, cos), times(b, sin)]), graph.add('Add', [times(b, cos), times(a, sin)])];
    if (!isInterleaved) return graph.add('Concat', turned, { axis: 3 });
    const apart = turned.map((y) => graph.add('Unsqueeze', [y, graph.integers([4])]));
    return graph.add('Reshape', [graph.add('Concat', apart, { axis: 4 }), graph.integers([0, 0, 0, 2 * half])]);
  },

  /** qkv: [N, L, 3·E] with the heads beside each other. */
  selfAttention: (call, graph) => {
    const [qkv, mask] = call.inputs;
    const heads = call.fixed(({ numHeads }: { numHeads: number }) => numHeads);
    const width = call.fixedSize(-1) / 3;
    const parts = graph.add('Reshape', [qkv, graph.integers([0, 0, 3, heads, width / heads])]);
    const part = (index: number, perm: readonly number[]): string => {
      const picked = graph.add('Gather', [parts, graph.scalar(index, 'int32')], { axis: 2 });
      return graph.add('Transpose', [picked], { perm });
    };
    const [q, k, v] = [part(0, [0, 2, 1, 3]), part(1, [0, 2, 3, 1]), part(2, [0, 2, 1, 3])];
    const out = graph.add('Transpose', [attend(call, graph, [q, k, v, mask], 1)], { perm: [0, 2, 1, 3] });
    return graph.add('Reshape', [out, graph.integers([0, 0, width])]);
  },
};
