import type { Call, Translation, Translations } from '../call.ts';
import type { WindowAxis } from './window-axis.ts';

interface Settings {
  readonly axes: readonly WindowAxis[];
  readonly options: { readonly groups?: number; readonly padding?: unknown };
}

/** What both kinds of convolution say; nothing of it depends on the size of the image. */
function attributes(call: Call) {
  return call.fixed(({ axes, options }: Settings) => ({
    kernel_shape: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    group: options.groups ?? 1,
  }));
}

const convolution: Translation = (call, graph) => {
  const pads = call.fixed(({ axes, options }: Settings) => {
    const before = axes.map(({ padding }) => padding);
    const isSame = options.padding === 'same';
    return [
      ...before,
      ...axes.map(({ padding, dilation, kernel }) => (isSame ? dilation * (kernel - 1) - padding : padding)),
    ];
  });
  return graph.add('Conv', call.inputs, { ...attributes(call), pads });
};

const transposed: Translation = (call, graph) => {
  const { padding, added, strides } = call.fixed(({ axes }: Settings) => ({
    padding: axes.map(({ padding }) => padding),
    added: axes.map(
      ({ size, out, kernel, stride, padding, dilation }) =>
        size - ((out - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1),
    ),
    strides: axes.map(({ stride }) => stride),
  }));
  const common = attributes(call);
  if (added.every((n, d) => n < strides[d])) {
    const sizes = { ...common, pads: [...padding, ...padding], output_padding: added };
    return graph.add('ConvTranspose', call.inputs, sizes);
  }
  // ONNX adds less than a stride; beyond it nothing reaches, so the bias is all there is.
  const [x, weight, bias = null] = call.inputs;
  const cut = padding.map((n, d) => Math.max(n - added[d], 0));
  const rest = padding.map((n, d) => Math.max(added[d] - n, 0));
  const inside = graph.add('ConvTranspose', [x, weight], { ...common, pads: [...padding, ...cut] });
  const before = [0, 0, ...padding.map(() => 0)];
  const y = graph.add('Pad', [inside, graph.integers([...before, 0, 0, ...rest])]);
  if (!bias) return y;
  return graph.add('Add', [y, graph.add('Reshape', [bias, graph.integers([-1, ...padding.map(() => 1)])])]);
};

export const convolutions: Translations = { convolution, convTranspose: transposed };
