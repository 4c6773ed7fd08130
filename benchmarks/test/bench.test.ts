import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const command = fileURLToPath(new URL('../bench.mjs', import.meta.url));
const isBuilt = existsSync(new URL('../../packages/cli/build/main.js', import.meta.url));
const bench = (...words: string[]) => spawnSync(process.execPath, [command, ...words], { encoding: 'utf8' });

describe.skipIf(!isBuilt)('the benchmark (needs npm run build)', { timeout: 60_000 }, () => {
  it.each([1, 2])('prints one line of JSON for one workload, on %i threads', (threads) => {
    const { status, stdout, stderr } = bench(
      '--only',
      'mlp-128-b32',
      '--threads',
      `${threads}`,
      '--json',
      '--steps',
      '3',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toEqual({
      system: 'gradwire',
      workload: 'mlp-128-b32',
      batch: 32,
      ms: expect.any(Number),
      examplesPerSecond: expect.any(Number),
      backend: expect.stringMatching(/^wasm(\+blas)?$/),
      threads,
    });
  });
});

it('ends with code 2 and one sentence after a wrong word', () => {
  const { status, stdout, stderr } = bench('--only', 'lenet');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^bench: there is no workload "lenet"; there are .*\n$/);
});
