import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint } from '../src/checkpoint/store.ts';
import { busyShards } from '../src/training/shard-sums.ts';
import { gradwire, isBuilt } from './gradwire-command.ts';
import { eventsIn, folderWithSmallTraining } from './small-training.ts';

const layers = `new Flatten(), new Linear(784, 16), new BatchNorm1d(16), new ReLU(), new Linear(16, 12), new BatchNorm1d(12), new Linear(12, 10)`;
const loss = '(model, { x, y }) => crossEntropy(model.forward(x), y)';
const optimizer = '(parameters) => new SGD(parameters, { lr: 0.05, momentum: 0.9 })';
const synced = { model: `() => convertSyncBatchNorm(new Sequential(${layers}))`, loss, optimizer, epochs: '1' };

/** Two layouts of two shards. */
const THREADS = ['--threads', '2'];
const PROCESSES = ['--nproc', '2', '--threads', '1'];

/** Parameters and running moments after a training, by key. */
async function trained(
  examples: number,
  options: Record<string, string>,
  ...flags: string[]
): Promise<Record<string, number[]>> {
  const folder = folderWithSmallTraining(examples, options);
  const { stdout, stderr } = await gradwire(folder, 'train', 'train.ts', '--json', ...flags);
  expect(stderr).toBe('');
  expect(eventsIn(stdout).at(-1)).toMatchObject({ event: 'done' });
  const { path } = (await latestCheckpoint(join(folder, 'runs/train')))!;
  const { tensors } = readSafetensors(readFileSync(join(path, 'model.safetensors')));
  return Object.fromEntries([...tensors].map(([key, tensor]) => [key, [...tensor.data()]]));
}

async function failed(replaced: Record<string, string>, ...flags: string[]): Promise<string> {
  const folder = folderWithSmallTraining(31, { ...synced, ...replaced });
  const { code, stderr } = await gradwire(folder, 'train', 'train.ts', ...flags);
  expect(code).not.toBe(0);
  return stderr;
}

it('the busy shards of a step are its first ones, wherever they are', () => {
  const of = (examples: number, first: number) => busyShards(examples, first, { shards: 8, processShards: 4 });
  expect([of(9, 0), of(9, 4)]).toEqual([{ here: 4, processes: 2 }, { here: 4, processes: 2 }]); // prettier-ignore
  expect([of(6, 0), of(6, 4)]).toEqual([{ here: 4, processes: 2 }, { here: 2, processes: 2 }]); // prettier-ignore
  expect([of(3, 0), of(3, 4)]).toEqual([{ here: 3, processes: 1 }, { here: 0, processes: 1 }]); // prettier-ignore
});

// Each test trains in fresh processes.
describe.skipIf(!isBuilt)('SyncBatchNorm in gradwire train (needs npm run build)', { timeout: 120_000 }, () => {
  it('learns what one worker learns from the whole batches', async () => {
    const alone = await trained(140, { ...synced, model: `() => new Sequential(${layers})` }, '--threads', '1');
    const apart = await trained(140, { ...synced, model: `() => new Sequential(${layers})` }, ...THREADS);
    const together = await trained(140, synced, ...THREADS);
    const farthest = (from: Record<string, number[]>): number =>
      Math.max(
        ...Object.entries(alone).flatMap(([key, all]) => all.map((value, i) => Math.abs(value - from[key]![i]!))),
      );
    expect(farthest(together)).toBeLessThan(1e-5);
    expect(farthest(apart)).toBeGreaterThan(1e-3);
    expect(together['2.num_batches_tracked']).toEqual([5]);
  });

  it('gives the same weights and moments, bit for bit, by threads, by processes and with parameter servers', async () => {
    const byThreads = await trained(140, synced, ...THREADS);
    expect(await trained(140, synced, ...PROCESSES)).toEqual(byThreads);
    expect(await trained(140, synced, ...PROCESSES, '--strategy', 'parameter-server')).toEqual(byThreads);
  });

  it('goes on where some shards, or all of a process, have no examples in the last step', async () => {
    const byThreads = await trained(34, synced, '--threads', '4');
    expect(byThreads['2.num_batches_tracked']).toEqual([2]);
    expect(await trained(34, synced, '--nproc', '2', '--threads', '2')).toEqual(byThreads);
  });

  it('refuses more than one shard a thread, and says what to do', async () => {
    expect(await failed({}, '--shards', '4', ...THREADS)).toMatch(
      /^gradwire: SyncBatchNorm needs all shards of a step at once, but 2 workers .* 4 shards; take --shards 2, or [^\n]*\n$/,
    );
  });

  it.each([
    ['threads', THREADS],
    ['processes', PROCESSES],
  ])('ends with the error of a worker that fails while the others wait for its numbers, by %s', async (_, layout) => {
    const odd = `(model, { x, y }) => { if (y.size === 15) throw new Error('odd'); return crossEntropy(model.forward(x), y); }`;
    expect(await failed({ loss: odd }, ...layout)).toMatch(/^gradwire: (rank 1: )?odd \(train\.ts:\d+\)\n$/);
  });

  it.each([
    ['threads', THREADS, /one shard sums \d+ numbers while another sums \d+; the model must use/],
    ['processes', PROCESSES, /all ranks must call the same collectives/],
  ])('finds out a shard that uses the layers more often than the others, by %s', async (_, layout, message) => {
    const twice =
      '(model, { x, y }) => { if (y.size === 15) model.forward(x); return crossEntropy(model.forward(x), y); }';
    expect(await failed({ loss: twice }, ...layout)).toMatch(message);
  });
});
