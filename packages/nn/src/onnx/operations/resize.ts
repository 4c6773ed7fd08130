import type { Translations } from '../call.ts';

interface Settings {
  readonly mode: string;
  readonly alignCorners: boolean | null;
  readonly resized: readonly { readonly size: number; readonly out: number; readonly step: number }[];
}

const PLACES: Readonly<Record<string, string>> = { nearest: 'asymmetric', 'nearest-exact': 'half_pixel' };

/** ONNX's names of a mode, and of where it reads. */
function attributes(mode: string, alignCorners: boolean) {
  const places = { coordinate_transformation_mode: alignCorners ? 'align_corners' : (PLACES[mode] ?? 'half_pixel') };
  if (mode === 'nearest') return { ...places, mode: 'nearest', nearest_mode: 'floor' };
  if (mode === 'nearest-exact') return { ...places, mode: 'nearest', nearest_mode: 'round_prefer_ceil' };
  if (mode === 'bicubic') return { ...places, mode: 'cubic', cubic_coeff_a: { float: -0.75 } };
  return { ...places, mode: 'linear' };
}

export const resize: Translations = {
  interpolate: (call, graph) => {
    const { mode, alignCorners, resized } = call.fixed((settings: Settings) => settings);
    const options = attributes(mode, alignCorners ?? false);
    const byScale = !alignCorners && resized.some(({ size, out, step }) => Math.abs(step * out - size) > 1e-6);
    if (byScale) {
      const scales = Float32Array.from([1, 1, ...resized.map(({ step }) => 1 / step)]);
      return graph.add('Resize', [call.x, null, graph.constant(scales, 'float32', [scales.length])], options);
    }
    const [batch, channels] = call.given(0).shape;
    const sizes = graph.sizes([batch, channels, ...resized.map(({ out }) => out)]);
    return graph.add('Resize', [call.x, null, null, sizes], options);
  },
};
