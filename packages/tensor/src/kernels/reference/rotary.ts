import type { ReferenceKernel } from './heap-view.ts';

/** Words as in assembly/rotary.ts. */
export const rotary: ReferenceKernel = ({ x, shift, u32 }, p) => {
  const words = u32.subarray(p >>> 2, (p >>> 2) + 10);
  const [rows, table, heads, half, neighbours, back] = words.subarray(4);
  const [from, to, cos, sin] = words.subarray(0, 4).map((address) => address >>> shift);
  for (let r = 0; r < rows; r++) {
    for (let h = 0; h < heads; h++) {
      const head = (r * heads + h) * 2 * half;
      for (let k = 0; k < half; k++) {
        const [first, second] = neighbours ? [head + 2 * k, head + 2 * k + 1] : [head + k, head + k + half];
        const [a, b] = [x[from + first], x[from + second]];
        const at = (r % table) * half + k;
        const [c, s] = [x[cos + at], back ? -x[sin + at] : x[sin + at]];
        x[to + first] = a * c - b * s;
        x[to + second] = b * c + a * s;
      }
    }
  }
};
