/** Elements in another shape, order or type, and picking some of them. */
import type { Translation, Translations } from '../call.ts';
import { ELEMENT_TYPES } from '../model-proto.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import type { Size } from '../sizes.ts';

const LAST = 2 ** 53 - 1; // beyond any size

/** x[…, start … end − 1 in steps, …] along dim. */
export function slice(graph: GraphBuilder, x: string, dim: number, start: Size, end: Size, step = 1): string {
  return graph.add('Slice', [x, graph.size(start), graph.size(end), graph.integers([dim]), graph.integers([step])]);
}

const alongDim =
  (type: string): Translation =>
  (call, graph) =>
    graph.add(type, call.inputs, { axis: call.fixed((dim: number) => dim) });

const added: Translation = (call, graph) => {
  const axis = call.fixed((dim: number) => dim);
  return graph.add('ScatterElements', call.inputs, { axis, reduction: 'add' });
};

interface Windows {
  readonly dim: number;
  readonly count: number;
  readonly size: number;
  readonly step: number;
  readonly dilation: number;
}

/** Where each element of each window lies. */
function placesOf({ count, size, step, dilation }: Windows): number[] {
  return Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * step + (i % size) * dilation);
}

export const movement: Translations = {
  same: ({ x }, graph) => graph.add('Identity', [x]),
  reshape: (call, graph) => graph.reshape(call.x, call.shape),
  expand: (call, graph) => graph.add('Expand', [call.x, graph.sizes(call.shape)]),
  overwritten: (call, graph) => graph.add('Expand', [call.inputs[1], graph.sizes(call.shape)]),
  permute: (call, graph) => graph.add('Transpose', [call.x], { perm: call.fixed((order: readonly number[]) => order) }),
  to: (call, graph) => graph.add('Cast', [call.x], { to: ELEMENT_TYPES[call.outputType] }),
  cat: alongDim('Concat'),

  slice: (call, graph) => {
    type Settings = readonly [dim: number, start: number, end: number, step: number];
    const { dim, step } = call.fixed(([dim, , , step]: Settings) => ({ dim, step }));
    const start = call.size((settings: Settings) => settings[1]);
    return slice(
      graph,
      call.x,
      dim,
      start,
      call.size((settings: Settings) => settings[2]),
      step,
    );
  },

  flip: (call, graph) =>
    call
      .fixed((dims: readonly number[]) => dims)
      .reduce((x, dim) => slice(graph, x, dim, -1, -LAST, -1), graph.add('Identity', [call.x])),

  pad: (call, graph) => {
    interface Settings {
      readonly sides: readonly (readonly [before: number, after: number])[];
      readonly value: number;
    }
    const { sides, value } = call.fixed((settings: Settings) => settings);
    const pads = [...sides.map(([before]) => before), ...sides.map(([, after]) => after)];
    return graph.add('Pad', [call.x, graph.integers(pads), graph.scalar(value, call.dtype)]);
  },

  indexSelect: alongDim('Gather'),
  embedding: ({ inputs }, graph) => graph.add('Gather', inputs),
  gather: alongDim('GatherElements'),
  scatter: alongDim('ScatterElements'),
  scatterAdd: added,

  argsort: (call, graph) => {
    interface Settings {
      readonly dim: number;
      readonly descending: boolean;
    }
    const { dim, descending } = call.fixed((settings: Settings) => settings);
    const count = graph.size(call.given(0).shape[dim]);
    const [, places] = graph.addMany('TopK', [call.x, count], 2, { axis: dim, largest: Number(descending) });
    return graph.add('Cast', [places], { to: ELEMENT_TYPES.int32 });
  },

  diagonal: (call, graph) => {
    type Settings = readonly [offset: number, dim1: number, dim2: number];
    const [offset, ...dims] = call
      .fixed((settings: Settings) => settings)
      .map((n, i) => (i > 0 && n < 0 ? n + call.rank : n));
    const others = Array.from({ length: call.rank }, (_, d) => d).filter((d) => !dims.includes(d));
    const [rows, columns] = dims.map((dim) => call.fixedSize(dim));
    const matrices = graph.add('Transpose', [call.x], { perm: [...others, ...dims] });
    const { shape } = call.given(0);
    const flat = graph.reshape(matrices, [...others.map((d) => shape[d]), rows * columns]);
    const first = offset >= 0 ? offset : -offset * columns;
    const count = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
    const places = Array.from({ length: count }, (_, i) => first + i * (columns + 1));
    return graph.add('Gather', [flat, graph.integers(places)], { axis: others.length });
  },

  /** Windows along one dimension, what is inside them last. */
  windows: (call, graph) => {
    const windows = call.fixed((settings: Windows) => settings);
    const { dim, count, size } = windows;
    const places = placesOf(windows);
    const picked = graph.add('Gather', [call.x, graph.integers(places)], { axis: dim });
    const { shape } = call.given(0);
    const apart = graph.reshape(picked, [...shape.slice(0, dim), count, size, ...shape.slice(dim + 1)]);
    const others = Array.from({ length: call.rank + 1 }, (_, d) => d).filter((d) => d !== dim + 1);
    return graph.add('Transpose', [apart], { perm: [...others, dim + 1] });
  },

  /** The sum of windows that overlap, as a product with a matrix that has a 1 where an element of a window lies. */
  sumWindows: (call, graph) => {
    const windows = call.fixed((settings: Windows) => settings);
    const { dim } = windows;
    const length = call.shape[dim];
    if (typeof length !== 'number') throw call.refusal(`dimension ${dim} of its result must have a fixed size`);
    const places = placesOf(windows);
    const ones =
      call.dtype === 'float64' ? new Float64Array(places.length * length) : new Float32Array(places.length * length);
    places.forEach((place, i) => (ones[i * length + place] = 1));

    const last = call.rank - 1;
    const others = Array.from({ length: last }, (_, d) => d).filter((d) => d !== dim);
    const apart = graph.add('Transpose', [call.x], { perm: [...others, dim, last] });
    const { shape } = call.given(0);
    const flat = graph.reshape(apart, [...others.map((d) => shape[d]), places.length]);
    const sums = graph.add('MatMul', [flat, graph.constant(ones, call.dtype, [places.length, length])]);
    const back = Array.from({ length: last }, (_, d) => (d < dim ? d : d === dim ? last - 1 : d - 1));
    return graph.add('Transpose', [sums], { perm: back });
  },
};
