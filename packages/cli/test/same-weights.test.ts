import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint } from '../src/checkpoint/store.ts';
import type { DoneEvent } from '../src/events.ts';
import { gradwire, isBuilt, startGradwire } from './gradwire-command.ts';
import { eventsIn, folderWithSmallTraining } from './small-training.ts';

/** A network with buffers, and dropout with a new and with a fixed mask. */
const WITH_BUFFERS = {
  model: `() => new Sequential(
    new Flatten(), new Dropout(0.1, { fixed: true }), new Linear(784, 16), new BatchNorm1d(16), new ReLU(), new Dropout(0.2), new Linear(16, 10))`,
};

/** Parameters, or their averages, and buffers in the last checkpoint of a folder. */
async function stateIn(folder: string, file = 'model.safetensors'): Promise<Record<string, unknown>> {
  const { path } = (await latestCheckpoint(join(folder, 'runs/train')))!;
  const { tensors } = readSafetensors(readFileSync(join(path, file)));
  return Object.fromEntries([...tensors].map(([key, tensor]) => [key, tensor.toArray()]));
}

/** Its last batch holds 10 examples, which 4 shards share unevenly. */
const EXAMPLES = 330;

const SERVERS = ['--strategy', 'parameter-server', '--servers', '2'];

async function weightsOf(
  flags: readonly string[],
  examples = EXAMPLES,
  replaced: Record<string, string> = {},
): Promise<string> {
  const words = ['train', 'train.ts', '--json', ...flags];
  const { stdout, stderr } = await gradwire(folderWithSmallTraining(examples, replaced), ...words);
  expect(stderr).toBe('');
  return (eventsIn(stdout).at(-1) as DoneEvent).weightsSha256;
}

// Each test trains several times in fresh processes.
describe.skipIf(!isBuilt)('the weights of a run (needs npm run build)', { timeout: 120_000 }, () => {
  it('are the same, bit for bit, wherever its four shards are computed', async () => {
    const alone = await weightsOf(['--threads', '1', '--shards', '4']);
    expect(await weightsOf(['--threads', '4', '--shards', '4'])).toBe(alone);
    expect(await weightsOf(['--nproc', '2', '--threads', '2', '--shards', '4'])).toBe(alone);
  });

  it('are the same, bit for bit, with augmented batches', async () => {
    const augment = '({ x, y }) => ({ x: randomHorizontalFlip(randomCrop(x, { padding: 2 })), y })';
    const augmented = (...flags: string[]): Promise<string> => weightsOf([...flags, '--shards', '2'], 100, { augment });
    const alone = await augmented('--threads', '1');
    expect(alone).not.toBe(await weightsOf(['--threads', '1', '--shards', '2'], 100));
    expect(await augmented('--threads', '2')).toBe(alone);
  });

  it('are the same, bit for bit, with a clipped gradient', async () => {
    const clipped = (...flags: string[]): Promise<string> =>
      weightsOf([...flags, '--shards', '4'], EXAMPLES, { clipGradNorm: '0.5', clipGradValue: '0.05' });
    const alone = await clipped('--threads', '1');
    expect(alone).not.toBe(await weightsOf(['--threads', '1', '--shards', '4']));
    expect(await clipped('--threads', '4')).toBe(alone);
    expect(await clipped('--nproc', '2', '--threads', '2')).toBe(alone);
    expect(await clipped('--nproc', '2', '--threads', '2', ...SERVERS)).toBe(alone);
  });

  it('are the same, bit for bit, with checkpoints in the model, in every layout', async () => {
    const layers = `new Flatten(), new Sequential(
      new Linear(784, 16), new BatchNorm1d(16), new ReLU(), new Sequential(new Dropout(0.2), new Linear(16, 16))CHECKPOINT)CHECKPOINT, new Linear(16, 10)`;
    const weights = (call: string, ...flags: string[]): Promise<string> =>
      weightsOf([...flags, '--shards', '2'], 100, {
        model: `() => new Sequential(${layers.replaceAll('CHECKPOINT', call)})`,
      });
    const kept = await weights('', '--threads', '1');
    expect(await weights('.checkpoint_()', '--threads', '1')).toBe(kept);
    expect(await weights('.checkpoint_()', '--threads', '2')).toBe(kept);
    expect(await weights('.checkpoint_()', '--nproc', '2', '--threads', '1')).toBe(kept);
  });

  it.each([
    ['LAMB', '(parameters) => new LAMB(parameters, { lr: 2e-2 })'],
    ['LARS and a clipped gradient', '(parameters) => new LARS(parameters, { lr: 5 })'],
  ])('are the same, bit for bit, with %s, which needs norms of whole parameters', async (title, optimizer) => {
    const replaced = { optimizer, ...(title.includes('clipped') && { clipGradNorm: '0.5' }) };
    const weights = (...flags: string[]): Promise<string> => weightsOf([...flags, '--shards', '2'], 100, replaced);
    const alone = await weights('--threads', '1');
    expect(await weights('--threads', '2')).toBe(alone);
    expect(await weights('--nproc', '2', '--threads', '1')).toBe(alone);
    expect(await weights('--nproc', '2', '--threads', '1', ...SERVERS)).toBe(alone);
  });

  it('are the same, bit for bit, with a limit of the norm of rows', async () => {
    const limited = (...flags: string[]): Promise<string> =>
      weightsOf([...flags, '--shards', '2'], 100, { maxNorm: '0.55' });
    const alone = await limited('--threads', '1');
    expect(alone).not.toBe(await weightsOf(['--threads', '1', '--shards', '2'], 100));
    expect(await limited('--threads', '2')).toBe(alone);
    expect(await limited('--nproc', '2', '--threads', '1', ...SERVERS)).toBe(alone);
  });

  it('are the same, bit for bit, with two parameter servers as with all-reduce', async () => {
    const layout = ['--nproc', '2', '--threads', '1'];
    expect(await weightsOf([...layout, ...SERVERS])).toBe(await weightsOf(layout));
  });

  it('follow from the seed', async () => {
    const layout = ['--nproc', '2', '--threads', '1', '--seed'];
    const first = await weightsOf([...layout, '7']);
    expect(await weightsOf([...layout, '7'])).toBe(first);
    expect(await weightsOf([...layout, '8'])).not.toBe(first);
  });

  it('are those of an undisturbed run after a stop in mid-epoch and --resume, with a parameter server', async () => {
    const examples = 800;
    const stepsPerEpoch = 200;
    const layout = ['--nproc', '2', '--threads', '1', '--strategy', 'parameter-server', '--batch-size', '4'];
    const words = ['train', 'train.ts', '--json', ...layout];
    const folder = folderWithSmallTraining(examples);
    await interrupted(folder, words);
    const saved = await latestCheckpoint(join(folder, 'runs/train'));
    expect(saved!.step % stepsPerEpoch).toBeGreaterThan(0);
    const resumed = eventsIn((await gradwire(folder, ...words, '--resume')).stdout);
    expect(resumed[0]).toMatchObject({ event: 'start', step: saved!.step, totalSteps: 2 * stepsPerEpoch });
    expect(resumed.at(-1)).toMatchObject({ event: 'done', weightsSha256: await weightsOf(layout, examples) });
  });

  it('are the same with the running moments of batch normalisation, in every layout of the shards', async () => {
    const stateOf = async (...flags: string[]): Promise<Record<string, unknown>> => {
      const folder = folderWithSmallTraining(EXAMPLES, WITH_BUFFERS);
      const { stdout, stderr } = await gradwire(folder, 'train', 'train.ts', '--json', '--shards', '2', ...flags);
      expect(stderr).toBe('');
      expect(eventsIn(stdout).at(-1)).toMatchObject({ event: 'done' });
      return stateIn(folder);
    };
    const alone = await stateOf('--threads', '1');
    expect(alone['3.num_batches_tracked']).toBe(22);
    expect(alone['3.running_mean']).not.toContain(0);
    expect(await stateOf('--threads', '2')).toEqual(alone);
    expect(await stateOf('--nproc', '2', '--threads', '1')).toEqual(alone);
    expect(await stateOf('--nproc', '2', '--threads', '1', '--strategy', 'parameter-server')).toEqual(alone);
  });

  it('go on after a stop in mid-epoch with the running moments that they had', async () => {
    const words = ['train', 'train.ts', '--json', '--threads', '2', '--batch-size', '4'];
    const whole = folderWithSmallTraining(800, WITH_BUFFERS);
    await gradwire(whole, ...words);
    const folder = folderWithSmallTraining(800, WITH_BUFFERS);
    await interrupted(folder, words);
    expect((await gradwire(folder, ...words, '--resume')).code).toBe(0);
    expect(await stateIn(folder)).toEqual(await stateIn(whole));
  });

  it('are averaged to the same bits in every layout, and measured so', async () => {
    const run = async (ema: string, ...flags: string[]) => {
      const loss = '(model, { x, y }) => crossEntropy(model.forward(x), y)';
      const folder = folderWithSmallTraining(100, { ...WITH_BUFFERS, loss, ...(ema && { ema }) });
      const { stdout } = await gradwire(folder, 'train', 'train.ts', '--json', '--shards', '2', ...flags);
      return { folder, done: eventsIn(stdout).at(-1) as DoneEvent };
    };
    const [plain, alone] = [await run('', '--threads', '1'), await run('{ decay: 0.8 }', '--threads', '1')];
    expect(alone.done.weightsSha256).toBe(plain.done.weightsSha256);
    expect(alone.done.metrics['testLoss']).not.toBeCloseTo(plain.done.metrics['testLoss']!, 3);
    const averages = await stateIn(alone.folder, 'averaged.safetensors');
    const weights = await stateIn(alone.folder);
    expect(averages['3.running_mean']).toEqual(weights['3.running_mean']);
    expect(averages['6.weight']).not.toEqual(weights['6.weight']);
    for (const flags of [
      ['--threads', '2'],
      ['--nproc', '2', '--threads', '1', ...SERVERS],
    ]) {
      const { folder, done } = await run('{ decay: 0.8 }', ...flags);
      expect(await stateIn(folder, 'averaged.safetensors')).toEqual(averages);
      expect(done.metrics['testLoss']).toBeCloseTo(alone.done.metrics['testLoss']!, 5);
    }
  });

  it('go on after a stop with the averages that they had', async () => {
    const words = ['train', 'train.ts', '--json', '--nproc', '2', '--threads', '1', '--batch-size', '4'];
    const [whole, folder] = [0, 1].map(() => folderWithSmallTraining(800, { ema: '{ decay: 0.9 }' })) as [
      string,
      string,
    ];
    await gradwire(whole, ...words);
    await interrupted(folder, words);
    expect((await gradwire(folder, ...words, '--resume')).code).toBe(0);
    expect(await stateIn(folder, 'averaged.safetensors')).toEqual(await stateIn(whole, 'averaged.safetensors'));
  });
});

/** Runs the command, and stops it after a few steps in the midst of an epoch. */
async function interrupted(folder: string, words: readonly string[]): Promise<void> {
  let isInterrupted = false;
  const { child, ended } = startGradwire(folder, words, (stdout) => {
    if (isInterrupted || !stdout.includes('"step":5,')) return;
    isInterrupted = true;
    child.kill('SIGINT');
  });
  expect((await ended).code).toBe(130);
}
