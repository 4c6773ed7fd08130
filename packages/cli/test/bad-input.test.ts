import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Ended } from './gradwire-command.ts';
import { gradwire, isBuilt } from './gradwire-command.ts';
import { idxBytes, IMAGES, LABELS, writeDigits } from './idx-digits.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { trainingFile } from './training-file.ts';

const IMPORTS = `import { mnist } from '@gradwire/data';
import { Flatten, Linear, SGD, Sequential, crossEntropy } from '@gradwire/nn';`;

/** A training of one Linear on 32 digits, two steps an epoch, with these options in place of its own. */
const digits = (replaced: Record<string, string> = {}, before = ''): string =>
  trainingFile(
    {
      data: '({ dir }) => mnist(dir)',
      model: '() => new Sequential(new Flatten(), new Linear(784, 10))',
      loss: '(model, { x, y }) => crossEntropy(model.forward(x), y)',
      optimizer: '(parameters) => new SGD(parameters, { lr: 0.1 })',
      epochs: '2',
      batchSize: '16',
      ...replaced,
    },
    `${IMPORTS}\n${before}`,
  );

/** A folder with a training file, and digits under `data`. */
function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'train.ts'), text);
  writeDigits(join(folder, 'data'), 32, 16);
  return folder;
}

const train = (folder: string, ...flags: string[]): Promise<Ended> =>
  gradwire(folder, 'train', 'train.ts', '--data', 'data', '--threads', '1', ...flags);

/** What a command that failed prints on standard error, and nothing else. FOLDER stands for the folder it ran in. */
const sentence = (folder: string, text: string): string => `gradwire: ${text.replaceAll('FOLDER', folder)}\n`;

const jsonLines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Every file under a folder, with its content. */
const contents = (folder: string): [string, string][] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((path) => [path, readFileSync(path, 'base64')]);

const fetchAgain = 'fetch the file again (train.ts:6)';

describe.skipIf(!isBuilt)('gradwire train with bad data files (needs npm run build)', () => {
  it.each<[string, (data: string) => void, string, string]>([
    [
      'a folder without files',
      (data) => rmSync(data, { recursive: true }),
      'ERR_DATA_MISSING',
      'mnist: neither FOLDER/data nor FOLDER/data/mnist holds train-images-idx3-ubyte, plain or .gz; ' +
        'check the folder or fetch the files with downloadMnist() (train.ts:6)',
    ],
    [
      'labels missing',
      (data) => rmSync(join(data, LABELS)),
      'ERR_DATA_MISSING',
      'mnist: neither FOLDER/data nor FOLDER/data/mnist holds train-labels-idx1-ubyte, plain or .gz; ' +
        'check the folder or fetch the files with downloadMnist() (train.ts:6)',
    ],
    [
      'an images file of another format',
      (data) => writeFileSync(join(data, IMAGES), '\x89PNG\r\n and so on', 'latin1'),
      'ERR_DATA_CORRUPT',
      `FOLDER/data/${IMAGES}: its first bytes 0x89504e47 are no IDX magic number, such as 0x00000803 of MNIST images; ` +
        fetchAgain,
    ],
    [
      'an images file that is cut short',
      (data) => writeFileSync(join(data, IMAGES), readFileSync(join(data, IMAGES)).subarray(0, 10_000)),
      'ERR_DATA_CORRUPT',
      `FOLDER/data/${IMAGES}: its header announces 25104 bytes but there are 10000: the file is cut short; ` +
        fetchAgain,
    ],
    [
      'a gzipped images file that is cut short',
      (data) => {
        const packed = gzipSync(readFileSync(join(data, IMAGES)));
        rmSync(join(data, IMAGES));
        writeFileSync(join(data, `${IMAGES}.gz`), packed.subarray(0, packed.length / 2));
      },
      'ERR_DATA_CORRUPT',
      `FOLDER/data/${IMAGES}.gz: the gzip stream is cut short; ${fetchAgain}`,
    ],
    [
      'fewer labels than images',
      (data) => writeFileSync(join(data, LABELS), idxBytes([31], new Uint8Array(31))),
      'ERR_DATA_CORRUPT',
      `FOLDER/data/${IMAGES}: it holds 32 images but FOLDER/data/${LABELS} holds 31 labels; ` +
        'fetch the four files again from one source (train.ts:6)',
    ],
    [
      'a label over 9',
      (data) => writeFileSync(join(data, LABELS), idxBytes([32], new Uint8Array(32).fill(10, 5, 6))),
      'ERR_DATA_CORRUPT',
      `FOLDER/data/${LABELS}: label 5 is 10; labels are 0 to 9; ` +
        'fetch the four files again from one source (train.ts:6)',
    ],
    [
      'no images in the files',
      (data) => writeDigits(data, 0, 0),
      'ERR_DATA_EMPTY',
      'data: the training set is empty; check what `data` returns',
    ],
  ])('says what is wrong with %s', async (_, spoil, code, text) => {
    const folder = folderWith(digits());
    spoil(join(folder, 'data'));
    const { stdout, ...ended } = await train(folder, '--json');
    const stderr = sentence(folder, text);
    expect(ended).toEqual({ code: 1, stderr });
    expect(jsonLines(stdout)).toEqual([{ event: 'error', code, message: stderr.slice('gradwire: '.length, -1) }]);
  });

  it('asks for the folder when there is none', async () => {
    const ended = await gradwire(folderWith(digits()), 'train', 'train.ts', '--threads', '1');
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'gradwire: mnist: no folder given; ' +
        'pass the one with the MNIST files, set GRADWIRE_DATA, or use synthDigits() (train.ts:6)\n',
    });
  });
});

const notData = 'defineTraining: data must return an object { train, test } of datasets, got';

describe.skipIf(!isBuilt)('gradwire train with a bad training file (needs npm run build)', () => {
  it.each([
    [{ data: '() => undefined as never' }, `${notData} undefined`],
    [
      { data: '({ dir }) => mnist(dir).train as never' },
      `${notData} an object of class TensorDataset whose train is undefined`,
    ],
    [{ data: '() => [] as never' }, `${notData} an array`],
    [{ data: '() => "mnist" as never' }, `${notData} "mnist"`],
    [{ data: '() => ({ train: { length: 3, batch: 1 } }) as never' }, `${notData} an object whose train is an object`],
    [{ data: '({ dir }) => ({ ...mnist(dir), test: 5 }) as never' }, `${notData} an object whose test is 5`],
    [{ model: '() => "net" as never' }, 'defineTraining: model must return a Module of @gradwire/nn, got "net"'],
    [
      { optimizer: '() => 0.1 as never' },
      'defineTraining: optimizer must return an Optimizer of @gradwire/nn, got 0.1',
    ],
  ])('says what the function of %j must return', async (replaced, text) => {
    const folder = folderWith(digits(replaced));
    const { stdout, ...ended } = await train(folder, '--json');
    expect(ended).toEqual({ code: 1, stderr: sentence(folder, text) });
    expect(jsonLines(stdout)).toEqual([{ event: 'error', code: 'ERR_TRAINING_FILE', message: text }]);
  });

  it.each([
    ['data', 6],
    ['model', 7],
    ['optimizer', 9],
  ])('names the line of a TypeError in %s', async (name, line) => {
    const folder = folderWith(digits({ [name]: '() => { (undefined as any).rows; }' }));
    const text = `TypeError: Cannot read properties of undefined (reading 'rows') (train.ts:${line})`;
    const { stdout, ...ended } = await train(folder, '--json');
    expect(ended).toEqual({ code: 1, stderr: sentence(folder, text) });
    expect(jsonLines(stdout)).toEqual([{ event: 'error', code: 'ERR_TRAINING', message: text }]);
  });

  it.each([
    ['a type that is missing', 'const a: = 2;', 'Unexpected token (train.ts:1)'],
    ['a bracket left open', 'const a = {\n', 'Unexpected token (train.ts:2)'],
    ['a bad interface', '\ninterface {}', `'interface' declarations must be followed by an identifier. (train.ts:2)`],
  ])('names the line of a syntax error: %s', async (_, text, what) => {
    const ended = await train(folderWith(text));
    expect(ended).toEqual({ code: 1, stdout: '', stderr: `gradwire: train.ts: syntax error: ${what}\n` });
  });
});

describe.skipIf(!isBuilt)('gradwire train when a step fails (needs npm run build)', () => {
  it.each<[string, Record<string, string>, string, string]>([
    [
      'a layer that does not fit',
      { model: '() => new Sequential(new Flatten(), new Linear(100, 10))' },
      'ERR_SHAPE',
      '1 (Linear): linear: x [8, 784] must end in 100, the input size of weight [10, 100] (train.ts:8)',
    ],
    ['an error of the file', { loss: '() => { throw new Error("boom"); }' }, 'ERR_TRAINING', 'boom (train.ts:8)'],
    [
      'an error of several lines',
      { loss: '() => { throw new RangeError("one\\ntwo"); }' },
      'ERR_TRAINING',
      'RangeError: one (train.ts:8)',
    ],
    [
      'a loss that is a number',
      { loss: '() => 0.5 as never' },
      'ERR_TRAINING_FILE',
      'defineTraining: loss must return the mean loss as a tensor with one element, got 0.5',
    ],
    [
      'a loss for every output',
      { loss: '(model, { x }) => model.forward(x)' },
      'ERR_TRAINING_FILE',
      'defineTraining: loss must return the mean loss as a tensor with one element, got a tensor of shape [8, 10]',
    ],
  ])('ends with one sentence and, last, an error event for %s in two threads', async (_, replaced, code, text) => {
    const folder = folderWith(digits(replaced));
    const { stdout, ...ended } = await train(folder, '--threads', '2', '--json');
    expect(ended).toEqual({ code: 1, stderr: sentence(folder, text) });
    expect(jsonLines(stdout).map(({ event }) => event)).toEqual(['start', 'error']);
    expect(jsonLines(stdout).at(-1)).toEqual({ event: 'error', code, message: text });
    expect(readFileSync(join(folder, 'runs/train/events.jsonl'), 'utf8')).toBe(stdout);
  });

  it.each([
    ['NaN', '1'],
    ['NaN', '2'],
    ['Infinity', '1'],
  ])(
    'stops at a loss of %s in epoch 2 with --threads %s, and keeps the checkpoint of epoch 1',
    async (bad, threads) => {
      const loss = `(model, { x, y }) => crossEntropy(model.forward(x), y).mul(isOver(model) ? ${bad} : 1)`;
      // Each thread takes part in the two steps of epoch 1; the test set is measured without counting.
      const before = `let steps = 0;\nconst isOver = (model: { training: boolean }) => model.training && ++steps > 2;`;
      const folder = folderWith(digits({ loss }, before));
      const { stdout, ...ended } = await train(folder, '--threads', threads, '--json');
      const text =
        `the loss is ${bad} at step 3 (epoch 2); try a lower learning rate, and look for bad values in the data; ` +
        'checkpoints of earlier steps are kept';
      expect(ended).toEqual({ code: 1, stderr: sentence(folder, text) });
      expect(jsonLines(stdout).at(-1)).toEqual({ event: 'error', code: 'ERR_LOSS', message: text });
      expect(readdirSync(join(folder, 'runs/train/checkpoints'))).toEqual(['step-2']);
      const inspected = await gradwire(folder, 'inspect', 'runs/train');
      expect(inspected).toMatchObject({ code: 0, stderr: '' });
      expect(inspected.stdout).toMatch(/step 2, epoch 1, seed 1\n {2}model\.safetensors .* verified\n/);
      expect(inspected.stdout).not.toContain('NaN');
    },
  );
});

describe.skipIf(!isBuilt)('gradwire train --resume of a run that does not fit (needs npm run build)', () => {
  const before = 'FOLDER/runs/train/checkpoints/step-4: ';

  it.each<[string, Record<string, string>, string[], number, string, string]>([
    [
      'another model',
      { model: '() => new Sequential(new Flatten(), new Linear(784, 12))' },
      [],
      1,
      'ERR_CHECKPOINT_MODEL',
      `${before}belongs to another model: 1.weight is [10, 784] in the checkpoint but [12, 784] in the model; ` +
        '1.bias is [10] in the checkpoint but [12] in the model; take the model it was written by, or another --run-dir',
    ],
    [
      'another batch size',
      {},
      ['--batch-size', '8'],
      1,
      'ERR_CHECKPOINT',
      `${before}was written with batchSize 16, but this run has 8; make them equal`,
    ],
    [
      'fewer epochs than were done',
      {},
      ['--epochs', '1'],
      2,
      'ERR_USAGE',
      '--resume: FOLDER/runs/train/checkpoints/step-4 is already past the 2 steps of 1 epochs; give more --epochs',
    ],
  ])('refuses %s and leaves the checkpoints alone', async (_, replaced, flags, code, errorCode, text) => {
    const folder = folderWith(digits());
    expect(await train(folder)).toMatchObject({ code: 0 });
    const checkpoints = join(folder, 'runs/train/checkpoints');
    const saved = contents(checkpoints);
    expect(saved.length).toBeGreaterThan(0);
    writeFileSync(join(folder, 'train.ts'), digits(replaced));
    const { stdout, ...ended } = await train(folder, '--resume', '--json', ...flags);
    const stderr = sentence(folder, text);
    expect(ended).toEqual({ code, stderr });
    expect(jsonLines(stdout)).toEqual([{ event: 'error', code: errorCode, message: stderr.slice(10, -1) }]);
    expect(contents(checkpoints)).toEqual(saved);
  });

  it('refuses a folder without a checkpoint', async () => {
    const folder = folderWith(digits());
    const { stdout, ...ended } = await train(folder, '--resume', '--json');
    const message = `--resume: there is no whole checkpoint in ${folder}/runs/train; leave --resume out to begin a run there`;
    expect(ended).toEqual({ code: 2, stderr: `gradwire: ${message}\n` });
    expect(jsonLines(stdout)).toEqual([{ event: 'error', code: 'ERR_USAGE', message }]);
  });
});
