import { philox4x32 } from '../../random/philox.ts';
import type { ReferenceKernel } from './heap-view.ts';

/** Words and doubles as in assembly/dropout.ts. */
export const dropout: ReferenceKernel = ({ x, shift, u32, f64 }, p) => {
  const words = u32.subarray(p >>> 2, (p >>> 2) + 12);
  const [from, to, repeats, units, inner, low, high, stream, streamHigh, seed, seedHigh, threshold] = words;
  const factor = f64[(p >>> 3) + 32];
  const first = high * 2 ** 32 + low;
  const four = new Uint32Array(4);
  for (let r = 0; r < repeats; r++) {
    for (let u = 0; u < units; u++) {
      const count = first + Math.floor(u / 4);
      if (u % 4 === 0) philox4x32(count >>> 0, Math.floor(count / 2 ** 32), stream, streamHigh, seed, seedHigh, four);
      for (let k = 0; k < inner; k++) {
        const i = (r * units + u) * inner + k;
        x[(to >>> shift) + i] = four[u % 4] < threshold ? 0 : x[(from >>> shift) + i] * factor;
      }
    }
  }
};
