import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the example of docs/memory.md runs on the built packages and prints what it says', () => {
  const page = readFileSync(new URL('../../../docs/memory.md', import.meta.url), 'utf8');
  const [, example] = /```ts\n(.*?)```/s.exec(page)!;
  const options = { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' } as const;
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', example!], options).trim()).toBe('true');
});
