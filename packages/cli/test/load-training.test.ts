import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadTraining } from '../src/load-training.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { trainingFile } from './training-file.ts';

const execute = promisify(execFile);
const isBuilt = existsSync(new URL('../build/load-training.js', import.meta.url));
const loader = fileURLToPath(new URL('./fixtures/load.mjs', import.meta.url));

const returnsTensors = trainingFile(
  { loss: '(): never => ({ fromFile: Tensor, fromImport: other }) as never' },
  `import { Tensor } from '@gradwire/tensor';
import type { Kind } from './part.ts';
import { other, Letter } from './part.ts';
const kind: Kind = Letter.A;
void kind;`,
);
const part = `import { Tensor } from '@gradwire/tensor';
export enum Letter { A, B }
export type Kind = Letter;
export const other = Tensor;
`;

describe.skipIf(!isBuilt)('loadTraining from the build (needs npm run build)', () => {
  it('gives a TypeScript file, and what it imports, the classes of this installation, in both kinds of thread', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'train.ts'), returnsTensors);
    writeFileSync(join(folder, 'part.ts'), part);
    const { stdout } = await execute(process.execPath, [loader, join(folder, 'train.ts')]);
    const same = '{"file":true,"import":true,"again":true}';
    expect(stdout.trim().split('\n')).toEqual([same, same]);
  });

  it('does so even if another copy of a package lies next to the file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'train.ts'), returnsTensors);
    writeFileSync(join(folder, 'part.ts'), part);
    const copy = join(folder, 'node_modules/@gradwire/tensor');
    mkdirSync(copy, { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"name":"@gradwire/tensor","type":"module","exports":"./index.js"}');
    writeFileSync(join(copy, 'index.js'), 'export class Tensor {}');
    const { stdout } = await execute(process.execPath, [loader, join(folder, 'train.ts')]);
    expect(stdout).not.toContain('false');
  });

  it('compiles a file again when it has changed, and keeps the result where nobody else can write', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'train.ts');
    const load = async (cache: string) => {
      const env = { ...process.env, XDG_CACHE_HOME: join(folder, cache) };
      await execute(process.execPath, [loader, file], { env });
      return readdirSync(join(folder, cache, 'gradwire/compiled'));
    };
    const failure = async () => ((await load('own').catch((error: unknown) => error)) as { stderr: string }).stderr;
    writeFileSync(file, returnsTensors);
    writeFileSync(join(folder, 'part.ts'), part);
    expect(await load('own')).toHaveLength(2);
    expect(await load('own')).toHaveLength(2);
    writeFileSync(join(folder, 'part.ts'), 'throw new Error("changed" as string);');
    expect(await failure()).toContain('train.ts: changed');
    writeFileSync(join(folder, 'part.ts'), part);
    mkdirSync(join(folder, 'shared/gradwire/compiled'), { recursive: true });
    chmodSync(join(folder, 'shared/gradwire/compiled'), 0o777);
    expect(await load('shared')).toEqual([]);
  });

  it.each([
    [
      'a syntax error',
      { 'train.ts': 'const a = 1;\nconst b = 2,,;' },
      /syntax error: Unexpected token \(.*train\.ts:2\)$/,
    ],
    [
      'an error thrown while it ran',
      { 'train.ts': 'interface A { b: { c: 1 } }\n\nconst a = {} as A;\nconsole.log(a.b.c);' },
      /TypeError: Cannot read properties of undefined \(reading 'c'\) \(.*train\.ts:4\)$/,
    ],
    [
      'an error thrown in a file that it imports',
      { 'train.ts': `import './part.ts';`, 'part.ts': 'type A = 1;\nthrow new Error("boom");' },
      /train\.ts: boom \(.*part\.ts:2\)$/,
    ],
    ['something thrown that is no error', { 'train.ts': 'throw 5;' }, /train\.ts: threw 5$/],
    ['an import of nothing', { 'train.ts': `import './no.ts';` }, /Cannot find module '\.\/no\.ts' \(.*train\.ts:1\)$/],
  ])('reports %s with file and line', async (_, files, expected) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const failure = execute(process.execPath, [loader, join(folder, 'train.ts')]);
    const { stderr } = (await failure.catch((error: unknown) => error)) as { stderr: string };
    const message = /GradwireError: (.*)$/m.exec(stderr)?.[1];
    expect(message).toMatch(expected);
    expect(stderr).toContain("code: 'ERR_TRAINING_FILE'");
  });
});

describe('loadTraining', () => {
  const load = (text: string) => {
    const file = join(temporaryFolder(), 'train.ts');
    writeFileSync(file, text);
    return loadTraining(file);
  };

  it('says that a file is missing, and that a folder is no file', async () => {
    const folder = temporaryFolder();
    const error = {
      name: 'UsageError',
      code: 'ERR_TRAINING_FILE',
      message: expect.stringMatching(/there is no such training file/) as string,
    };
    await expect(loadTraining(join(folder, 'none.ts'))).rejects.toMatchObject(error);
    await expect(loadTraining(folder)).rejects.toMatchObject(error);
  });

  it('says that there is no default export', async () => {
    await expect(load('export const epochs = 3;')).rejects.toMatchObject({
      name: 'UsageError',
      code: 'ERR_TRAINING_FILE',
      message: expect.stringMatching(
        /has no default export; write "export default defineTraining\(\{ … \}\)"$/,
      ) as string,
    });
  });

  it('says what the default export is instead of a training', async () => {
    await expect(load('export default { epochs: 3 };')).rejects.toThrow(
      'the default export is an object, not the result',
    );
    await expect(load('export default () => 3;')).rejects.toThrow('the default export is a function, not the result');
  });
});
