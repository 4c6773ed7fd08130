import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CharVocabulary } from '@gradwire/data';
import { GPT } from '@gradwire/nn';
import { writeSafetensors } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import type { DoneEvent } from '../src/events.ts';
import { gradwire } from './gradwire-command.ts';
import { eventsIn } from './small-training.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const example = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
const isBuilt = existsSync(new URL('../build/main.js', import.meta.url));

describe.skipIf(!isBuilt)('the examples (need npm run build)', { timeout: 60_000 }, () => {
  it('gradient.mjs prints the gradient and finds the line', async () => {
    const { stdout } = await run(process.execPath, [example('gradient.mjs')]);
    expect(stdout).toContain('[[7,11],[9,13]]');
    expect(stdout).toContain('weights: [ 2, -1 ] bias: 3');
  });

  it('continue-text.mjs continues a text, the same one for the same seed', async () => {
    const sizes = { vocabSize: CharVocabulary.ascii().size, contextLength: 64, layers: 4, heads: 4, width: 128 };
    const file = join(temporaryFolder(), 'model.safetensors');
    writeFileSync(file, writeSafetensors(new GPT(sizes).stateDict()));
    const continued = async (...seed: string[]): Promise<string> =>
      (await run(process.execPath, [example('continue-text.mjs'), file, 'To be', ...seed])).stdout;
    const [first, again, other] = await Promise.all([continued('1'), continued('1'), continued('2')]);
    expect(first).toMatch(/^To be[^]{60}\n$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('own-loop.mjs learns in one process and in two', async () => {
    const alone = await ownLoop({});
    const port = await freePort();
    const world = { WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${port}`, GRADWIRE_TOKEN: 'of-this-test' };
    const [first, second] = await Promise.all(['0', '1'].map((RANK) => ownLoop({ ...world, RANK })));
    expect(accuracyOf(alone)).toBeGreaterThan(80);
    expect(accuracyOf(first!)).toBeGreaterThan(80);
    expect(second).toBe('');
  });
});

/** Training files: the metric to look at, and between what it must lie after the epochs. */
const TRAININGS: readonly [file: string, epochs: string, metric: string, above: number, below: number][] = [
  ['autoencoder.ts', '1', 'testExplained', 0.4, 1],
  ['char-gpt.ts', '1', 'testLoss', 0.5, 3.2],
  ['lenet-mnist.ts', '1', 'testAccuracy', 0.9, 1.001],
  ['lstm-forecast.ts', '2', 'testR2', 0.8, 1],
  ['lstm-sentiment.ts', '3', 'testAccuracy', 0.9, 1.001],
  ['mlp-tabular.ts', '3', 'testR2', 0.8, 1],
  ['names-rnn.ts', '1', 'testPerplexity', 1, 12],
  ['seq2seq-dates.ts', '1', 'testExactMatch', 0.3, 1.001],
  ['transformer-translation.ts', '3', 'testLoss', 0.1, 2.5],
];

// Each test trains twice in fresh processes.
describe.skipIf(!isBuilt)('the training files (need npm run build)', { timeout: 120_000 }, () => {
  it.each(TRAININGS)('%s learns, with the same weights by threads and by processes', async (...row) => {
    const [file, epochs, metric, above, below] = row;
    const byThreads = await trained(file, '--epochs', epochs, '--threads', '2');
    expect(byThreads.metrics[metric]).toBeGreaterThan(above);
    expect(byThreads.metrics[metric]).toBeLessThan(below);
    const byProcesses = await trained(file, '--epochs', epochs, '--nproc', '2', '--threads', '1');
    expect(byProcesses.weightsSha256).toBe(byThreads.weightsSha256);
  });

  it(
    'resnet-cifar.ts, with augmentation and running moments, gives the same weights by threads and by processes',
    { timeout: 240_000 },
    async () => {
      const byThreads = await trained('resnet-cifar.ts', '--epochs', '1', '--threads', '2');
      const byProcesses = await trained('resnet-cifar.ts', '--epochs', '1', '--nproc', '2', '--threads', '1');
      expect(byProcesses.weightsSha256).toBe(byThreads.weightsSha256);
    },
  );
});

async function trained(file: string, ...flags: string[]): Promise<DoneEvent> {
  const { code, stdout, stderr } = await gradwire(temporaryFolder(), 'train', example(file), '--json', ...flags);
  expect([code, stderr]).toEqual([0, '']);
  return eventsIn(stdout).at(-1) as DoneEvent;
}

async function ownLoop(env: Record<string, string>): Promise<string> {
  const { stdout } = await run(process.execPath, [example('own-loop.mjs')], { env: { ...process.env, ...env } });
  return stdout;
}

function accuracyOf(output: string): number {
  return Number(/test accuracy ([\d.]+) %/.exec(output)?.[1]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
