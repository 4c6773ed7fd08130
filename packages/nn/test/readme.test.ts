import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the example of the README runs on the built packages and learns what it says', () => {
  const folder = new URL('..', import.meta.url);
  const [, example] = /```ts\n(.*?)```/s.exec(readFileSync(new URL('README.md', folder), 'utf8'))!;
  const options = { cwd: fileURLToPath(folder), encoding: 'utf8' } as const;
  const [accuracy, ...summary] = execFileSync(process.execPath, ['--input-type=module', '-e', example!], options).split(
    '\n',
  );
  expect(Number(accuracy)).toBeGreaterThan(0.97);
  expect(summary).toContain('162 parameters, 162 trained, 0.00 MiB');
});
