import { describe, expect, it } from 'vitest';
import { caseFiles, goldenFolder } from '../../../tools/golden/case-files.mjs';
import { runCase } from '../../../tools/golden/run-case.mjs';

const folder = goldenFolder();
const cases = folder === undefined ? [] : caseFiles(folder);

describe.skipIf(folder === undefined)('golden: PyTorch computed the same', () => {
  it.for(cases)('$title', ({ file, group }, { skip }) => {
    const result = runCase(file);
    if ('missing' in result) return skip(`not yet supported: ${result.missing} (${group})`);
    expect(result.differences).toEqual([]);
  });
});

it.skipIf(folder !== undefined)(
  'golden: the reference cases are absent; set GRADWIRE_GOLDEN to their folder',
  ({ skip }) => {
    skip();
  },
);
