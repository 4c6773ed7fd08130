import { blas, kernelVariant, tensor, useKernels } from '@gradwire/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { difference } from '../../../tools/golden/compare.mjs';
import { caseFiles, goldenFolder } from '../../../tools/golden/case-files.mjs';
import { runCase } from '../../../tools/golden/run-case.mjs';

const folder = goldenFolder();
const cases = folder === undefined ? [] : caseFiles(folder);

/** Multiplications from which on a product goes to BLAS; 0: none does. */
const modes = [
  { mode: 'WebAssembly alone', blasProducts: 0 },
  { mode: 'all products by BLAS', blasProducts: 1 },
];

describe.skipIf(folder === undefined).each(modes)('golden: PyTorch computed the same ($mode)', ({ blasProducts }) => {
  const isPossible = blasProducts === 0 || blas().path !== null;
  beforeAll(() => useKernels(kernelVariant(), blasProducts));

  for (const { file, group, title } of cases) {
    it.skipIf(!isPossible)(title, ({ skip }) => {
      const result = runCase(file);
      if ('missing' in result) return skip(`not yet supported: ${result.missing} (${group})`);
      expect(result.differences).toEqual([]);
    });
  }
});

it.skipIf(folder !== undefined)(
  'golden: the reference cases are absent; set GRADWIRE_GOLDEN to their folder',
  ({ skip }) => {
    skip();
  },
);

describe('comparing with a reference case', () => {
  const tolerance = { rtol: 0.1, atol: 0.01 };
  const compare = (ours: number[][], theirs: number[][]) =>
    difference({ what: 'y', ours: tensor(ours), theirs: tensor(theirs) }, tolerance);

  it('accepts what lies within atol + rtol·|theirs|, equal infinities and NaN on both sides', () => {
    expect(compare([[1.05, NaN, Infinity]], [[1, NaN, Infinity]])).toBeUndefined();
  });

  it('names the worst element with its index and both values', () => {
    expect(
      compare(
        [
          [1, 2],
          [1.2, 9],
        ],
        [
          [1, 2],
          [1, 4],
        ],
      ),
    ).toMatch(/^y\[1,1\]: ours 9, theirs 4/);
  });

  it('refuses NaN or infinity on one side only, another shape, and a missing tensor', () => {
    expect(compare([[NaN]], [[1]])).toContain('ours NaN');
    expect(compare([[1]], [[Infinity]])).toContain('theirs Infinity');
    expect(compare([[1]], [[1], [1]])).toContain('our shape is [1,1]');
    expect(difference({ what: 'y', ours: undefined, theirs: tensor([1]) }, tolerance)).toContain('ours is missing');
  });
});
