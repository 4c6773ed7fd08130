import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromTypedArray } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { saveCheckpoint } from '../src/checkpoint/checkpoint.ts';
import { gradwire, isBuilt } from './gradwire-command.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { trainingFile } from './training-file.ts';

/** A folder with a training file in it. */
function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'train.ts'), text);
  return folder;
}

describe.skipIf(!isBuilt)('the gradwire command (needs npm run build)', () => {
  it.each([
    [[], 'no command given; see gradwire --help'],
    [['fly'], `unknown command 'fly'; see gradwire --help`],
    [['train'], `missing required argument 'file'; see gradwire --help`],
    [['train', 'train.ts', '--epoch', '3'], `unknown option '--epoch'; did you mean --epochs?`],
    [
      ['train', 'train.ts', 'other.ts'],
      `too many arguments for 'train', expected 1 argument but got 2; see gradwire --help`,
    ],
    [['train', 'train.ts', '--threads', '0'], '--threads must be a whole number from 1 to 256, got "0"'],
    [['train', 'train.ts', '--batch-size', '1.5'], '--batch-size must be a whole number from 1 to 16777216, got "1.5"'],
    [['train', 'train.ts', '--strategy', 'gossip'], '--strategy must be all-reduce or parameter-server, got "gossip"'],
    [['train', 'train.ts', '--set', 'lr=1'], '--set lr=1: "lr" cannot be set; what can is epochs, batchSize, seed'],
    [
      ['train', 'train.ts', '--threads', '2', '--shards', '3'],
      '--shards 3 does not divide evenly among 1 × 2 = 2 workers; take a multiple of 2',
    ],
    [['train', 'none.ts'], 'none.ts: there is no such training file; give the path of a .ts or .js file'],
    [['inspect', 'none'], 'none: there is no such file or folder; give a checkpoint or a run directory'],
  ])('answers wrong usage %j with one sentence and exit code 2', async (words, sentence) => {
    const ended = await gradwire(folderWith(trainingFile()), ...words);
    expect(ended).toEqual({ code: 2, stdout: '', stderr: `gradwire: ${sentence}\n` });
  });

  it.each([
    [
      'a value of the wrong type',
      trainingFile({ epochs: '"three"' }),
      2,
      'train.ts: defineTraining: epochs must be a whole number from 1 to 1000000, got "three"',
    ],
    [
      'no model',
      trainingFile({ model: '' }),
      2,
      'train.ts: defineTraining: model is missing; it must be a function that makes the network',
    ],
    [
      'no default export',
      'export const a = 1;',
      2,
      'train.ts: has no default export; write "export default defineTraining({ … })"',
    ],
    ['a syntax error', 'const a = 1;\nconst b = = 2;', 1, 'train.ts: syntax error: Unexpected token (train.ts:2)'],
    [
      'an error of its own',
      'const a: { b?: { c: 1 } } = {};\n\na.b!.c;',
      1,
      `train.ts: TypeError: Cannot read properties of undefined (reading 'c') (train.ts:3)`,
    ],
  ])('answers a training file with %s by one sentence and an error event', async (_, text, code, message) => {
    const ended = await gradwire(folderWith(text), 'train', 'train.ts', '--json');
    expect(ended).toMatchObject({ code, stderr: `gradwire: ${message}\n` });
    expect(JSON.parse(ended.stdout)).toEqual({ event: 'error', code: 'ERR_TRAINING_FILE', message });
  });

  it('shows the stack of an error only with --debug', async () => {
    const ended = await gradwire(folderWith('type A = 1;\nthrow new Error("boom");'), 'train', 'train.ts', '--debug');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^gradwire: train\.ts: boom \(train\.ts:2\)\n/);
    expect(ended.stderr).toMatch(/caused by Error: boom\n {4}at .*train\.ts:2:/);
  });

  it('keeps what a training file prints off the JSON lines', async () => {
    const printing = 'console.log("hello");\nthrow new Error("boom");';
    const { stdout, stderr } = await gradwire(folderWith(printing), 'train', 'train.ts', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error' });
    expect(stderr).toMatch(/^hello\ngradwire: /);
  });

  it('ends the run with an error event when a process of it fails', async () => {
    const folder = folderWith(trainingFile());
    const { code, stdout, stderr } = await gradwire(
      folder,
      'train',
      'train.ts',
      '--nproc',
      '2',
      '--threads',
      '1',
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ event: 'error' });
    expect(stderr).toContain('no data in this test');
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('prints help and version on standard output with exit code 0', async () => {
    const folder = temporaryFolder();
    const help = await gradwire(folder, 'train', '--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const flag of ['--threads', '--nproc', '--batch-size', '--resume', '--set', '--json'])
      expect(help.stdout).toContain(flag);
    expect(await gradwire(folder, '--version')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  it('examines this machine', async () => {
    const { code, stdout } = await gradwire(temporaryFolder(), 'doctor');
    expect(code).toBe(0);
    for (const name of ['node', 'kernels', 'cores', 'memory', 'heap', 'loopback', 'blas']) {
      expect(stdout).toMatch(new RegExp(`^  (ok     |warning)  ${name} `, 'm'));
    }
  });
});

describe.skipIf(!isBuilt)('gradwire inspect (needs npm run build)', () => {
  const save = (runDir: string, step: number) =>
    saveCheckpoint(runDir, {
      step,
      epoch: 1,
      seed: 7,
      model: [['0.weight', fromTypedArray(Float32Array.of(3, 4, 3, 4), [2, 2])]],
      optimizer: [],
      state: {},
    });

  it.each([
    ['a checkpoint', (path: string) => path],
    ['the newest checkpoint of a run directory', (_: string, runDir: string) => runDir],
  ])('shows %s with its tensors and their figures', async (_, choose) => {
    const runDir = temporaryFolder();
    await save(runDir, 5);
    const { code, stdout } = await gradwire(runDir, 'inspect', choose(await save(runDir, 10), runDir));
    expect(code).toBe(0);
    expect(stdout).toMatch(/step 10, epoch 1, seed 7/);
    expect(stdout).toMatch(/model\.safetensors {2}\d+ bytes {2}sha256 [0-9a-f]{12} verified/);
    expect(stdout).toContain('model.safetensors: 1 tensor, 4 elements');
    expect(stdout).toMatch(/0\.weight +\[2, 2\] +float32 +4 +7\.071 +3\.500 +0\.5000/);
  });

  it('shows a .safetensors file that is no checkpoint', async () => {
    const path = await save(temporaryFolder(), 1);
    const { code, stdout } = await gradwire(path, 'inspect', 'model.safetensors');
    expect(code).toBe(0);
    expect(stdout).toContain('model.safetensors: 1 tensor, 4 elements');
  });

  it.each([
    ['is no checkpoint', 'empty', 'empty: there is no manifest.json; it is incomplete, or no checkpoint'],
    ['has no whole checkpoint', 'run', 'run: there is no whole checkpoint in this run directory'],
    ['is not in the format', 'train.ts', /^gradwire: train\.ts: \S.*\n$/],
  ])('says that what it was given %s', async (_, path, sentence) => {
    const folder = folderWith('not a safetensors file, but long enough to have a header');
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'run/checkpoints/step-1'), { recursive: true });
    const { code, stderr } = await gradwire(folder, 'inspect', path);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
  });

  it('says that a file of the checkpoint was changed', async () => {
    const path = await save(temporaryFolder(), 1);
    writeFileSync(join(path, 'optimizer.safetensors'), 'x'.repeat(16));
    const { code, stderr } = await gradwire(path, 'inspect', '.');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gradwire: \.: optimizer\.safetensors /);
  });
});
