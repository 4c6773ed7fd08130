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
    const { mode, alignCorners, dims } = call.fixed(({ mode, alignCorners, resized }: Settings) => ({
      mode,
      alignCorners: alignCorners ?? false,
      dims: resized.length,
    }));
    const options = attributes(mode, alignCorners);
    const isByScale = call.fixed(({ resized }: Settings) =>
      resized.some(({ size, out, step }) => !alignCorners && Math.abs(step * out - size) > 1e-6),
    );
    const outs = Array.from({ length: dims }, (_, d) => call.size(({ resized }: Settings) => resized[d].out));
    if (isByScale || outs.includes(null)) {
      const steps = call.fixed(({ resized }: Settings) => resized.map(({ step }) => step));
      const scales = Float32Array.from([1, 1, ...steps.map((step) => 1 / step)]);
      return graph.add('Resize', [call.x, null, graph.constant(scales, 'float32', [scales.length])], options);
    }
    const [batch, channels] = call.given(0).shape;
    return graph.add('Resize', [call.x, null, null, graph.sizes([batch, channels, ...outs])], options);
  },
};
