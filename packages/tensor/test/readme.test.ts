import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the example of the README runs on the built package and prints what it says', () => {
  const folder = new URL('..', import.meta.url);
  const [, example] = /```ts\n(.*?)```/s.exec(readFileSync(new URL('README.md', folder), 'utf8'))!;
  const options = { cwd: fileURLToPath(folder), encoding: 'utf8' } as const;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', example!], options);
  const [gradient, line] = output.split('\n');
  expect(gradient).toBe('[ [ 7, 11 ], [ 9, 13 ] ]');
  const fitted = line!.match(/-?\d+(\.\d+)?/g)!.map((number) => Number(number).toFixed(3));
  expect(fitted).toEqual(['2.000', '-1.000', '0.500', '3.000']);
});
