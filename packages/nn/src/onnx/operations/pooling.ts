import type { Call, Translations } from '../call.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { ELEMENT_TYPES } from '../model-proto.ts';
import type { WindowAxis } from './window-axis.ts';

interface Settings {
  readonly axes: readonly WindowAxis[];
  readonly options: {
    readonly ceilMode?: boolean;
    readonly countIncludePad?: boolean;
    readonly divisorOverride?: number | null;
  };
}

const product = (numbers: readonly number[]): number => numbers.reduce((all, n) => all * n, 1);

/** How far the last window reaches beyond the input; the padding, unless the size of the result was rounded up. */
function after({ size, out, kernel, stride, padding, dilation }: WindowAxis, ceilMode = false): number {
  const reach = (out - 1) * stride + dilation * (kernel - 1) + 1 - size - padding;
  return ceilMode ? Math.max(reach, 0) : padding;
}

function windows(call: Call) {
  return call.fixed(({ axes, options }: Settings) => ({
    kernel_shape: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    pads: [...axes.map(({ padding }) => padding), ...axes.map((axis) => after(axis, options.ceilMode))],
  }));
}

/** Runs `pool` on x with a batch, which ONNX's pooling needs. */
function batched(call: Call, graph: GraphBuilder, pool: (x: string) => string): string {
  const dims = call.fixed(({ axes }: Settings) => axes.length);
  if (call.rank === dims + 2) return pool(call.x);
  const first = graph.integers([0]);
  return graph.add('Squeeze', [pool(graph.add('Unsqueeze', [call.x, first])), first]);
}

/** Number of elements by which each window's sum is divided, as places of the result. */
function divisors({ axes, options: { countIncludePad = true } }: Settings): number[] {
  const counts = axes.map(({ size, out, kernel, stride, padding }) =>
    Array.from({ length: out }, (_, i) => {
      const start = i * stride - padding;
      const end = Math.min(start + kernel, size + padding);
      return countIncludePad ? end - start : Math.min(end, size) - Math.max(start, 0);
    }),
  );
  return counts.reduce((all, own) => all.flatMap((count) => own.map((other) => count * other)), [1]);
}

export const pooling: Translations = {
  maxPool: (call, graph) => {
    const dilations = call.fixed(({ axes }: Settings) => axes.map(({ dilation }) => dilation));
    const attributes = { ...windows(call), dilations };
    return batched(call, graph, (x) => graph.add('MaxPool', [x], attributes));
  },

  /** ONNX counts places through the whole tensor, not within each plane. */
  maxPoolPlaces: (call, graph) => {
    const { dims, dilations } = call.fixed(({ axes }: Settings) => ({
      dims: axes.length,
      dilations: axes.map(({ dilation }) => dilation),
    }));
    const plane = product(Array.from({ length: dims }, (_, d) => call.fixedSize(d - dims)));
    const attributes = { ...windows(call), dilations };
    return batched(call, graph, (x) => {
      const [, places] = graph.addMany('MaxPool', [x], 2, attributes);
      return graph.add('Cast', [graph.add('Mod', [places, graph.integers([plane])])], { to: ELEMENT_TYPES.int32 });
    });
  },

  avgPool: (call, graph) => {
    const { ceilMode, countIncludePad, divisor, padded } = call.fixed(({ axes, options }: Settings) => ({
      ceilMode: options.ceilMode ?? false,
      countIncludePad: options.countIncludePad ?? true,
      divisor: options.divisorOverride ?? null,
      padded: axes.some(({ padding }) => padding > 0),
    }));
    const attributes = windows(call);
    const mean = (x: string, includesPad: boolean): string =>
      graph.add('AveragePool', [x], { ...attributes, count_include_pad: Number(includesPad) });
    if (divisor === null && !(ceilMode && (padded || countIncludePad))) {
      return batched(call, graph, (x) => mean(x, countIncludePad));
    }
    // Sums of whole windows, divided by what PyTorch counts in each.
    const whole = product(attributes.kernel_shape);
    if (divisor !== null) {
      return batched(call, graph, (x) => graph.add('Mul', [mean(x, true), graph.scalar(whole / divisor, call.dtype)]));
    }
    const factors = call.fixed(divisors).map((count) => whole / count);
    const shape = call.fixed(({ axes }: Settings) => axes.map(({ out }) => out));
    const array = call.dtype === 'float64' ? Float64Array.from(factors) : Float32Array.from(factors);
    const byPlace = graph.constant(array, call.dtype, shape);
    return batched(call, graph, (x) => graph.add('Mul', [mean(x, true), byPlace]));
  },
};
