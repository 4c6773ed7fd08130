import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PRINTED = ['16 4.800 6.400', '6 0 -18', '40 60 -2 -3'];

it('the examples of docs/autograd.md run on the built package and print what they say', () => {
  const page = readFileSync(new URL('../../../docs/autograd.md', import.meta.url), 'utf8');
  const options = { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' } as const;
  const printed = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, example]) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', example!], options).trim(),
  );
  expect(printed).toEqual(PRINTED);
});
