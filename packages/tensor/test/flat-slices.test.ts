import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FLAT_BLOCK, flatSlices } from '../src/flat-slices.ts';

it('slices of flat memory cover it, and end where blocks of parameters do', () => {
  const lengths = fc.array(
    fc.nat(200).map((lines) => lines * 16),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 9 }), (sizes, count) => {
      const offsets = sizes.reduce<number[]>((all, size) => [...all, all.at(-1)! + size], [0]);
      const blocks = sizes.flatMap((size, i) =>
        Array.from({ length: Math.ceil(size / FLAT_BLOCK) }, (_, k) => offsets[i]! + k * FLAT_BLOCK),
      );
      const end = offsets.at(-1)!;
      const slices = flatSlices({ offsets }, count);
      expect(slices.map(({ start }) => start)).toEqual([0, ...slices.slice(0, -1).map((slice) => slice.end)]);
      expect(slices.at(-1)!.end).toBe(end);
      for (const { start } of slices) expect([...blocks, end]).toContain(start);
      const longest = Math.max(...slices.map((slice) => slice.end - slice.start));
      expect(longest).toBeLessThan(end / count + FLAT_BLOCK + 1);
    }),
  );
});
