import type { Call, Translation, Translations } from '../call.ts';

interface Axis {
  readonly size: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

interface Settings {
  readonly axes: readonly Axis[];
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
  const { pads, added } = call.fixed(({ axes }: Settings) => {
    const padding = axes.map(({ padding }) => padding);
    const added = axes.map(
      ({ size, out, kernel, stride, padding, dilation }) =>
        size - ((out - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1),
    );
    return { pads: [...padding, ...padding], added };
  });
  return graph.add('ConvTranspose', call.inputs, { ...attributes(call), pads, output_padding: added });
};

export const convolutions: Translations = { convolution, convTranspose: transposed };
