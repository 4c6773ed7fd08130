import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint } from '../src/checkpoint/store.ts';
import type { DoneEvent, TrainingEvent } from '../src/events.ts';
import { gradwire, isBuilt, startGradwire } from './gradwire-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const text = `import { defineTraining } from 'gradwire';
import { synthDigits } from '@gradwire/data';
import { AdamW, Flatten, Linear, OneCycleLR, ReLU, Sequential, accuracy, crossEntropy } from '@gradwire/nn';

export default defineTraining({
  data: () => synthDigits({ trainLength: 330, testLength: 50 }),
  model: () => new Sequential(new Flatten(), new Linear(784, 16), new ReLU(), new Linear(16, 10)),
  loss: (model, { x, y }) => crossEntropy(model.forward(x), y),
  metrics: { accuracy },
  optimizer: (parameters) => new AdamW(parameters, { lr: 2e-3 }),
  schedule: (optimizer, { totalSteps }) => new OneCycleLR(optimizer, { maxLr: 6e-3, totalSteps }),
  epochs: 2,
  batchSize: 32,
});
`;

function folderWithTraining(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'train.ts'), text);
  return folder;
}

const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrainingEvent);
const last = (stdout: string) => events(stdout).at(-1);

async function weightsOf(...flags: string[]): Promise<string> {
  const { stdout, stderr } = await gradwire(folderWithTraining(), 'train', 'train.ts', '--json', ...flags);
  expect(stderr).toBe('');
  return (last(stdout) as DoneEvent).weightsSha256;
}

/** Ids of the processes that a process has started (Linux only). */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

// Each test trains several times in fresh processes.
describe.skipIf(!isBuilt)('a run of gradwire train (needs npm run build)', { timeout: 120_000 }, () => {
  it('tells its events in order, keeps the same ones, and leaves a checkpoint', async () => {
    const folder = folderWithTraining();
    const { code, stdout } = await gradwire(folder, 'train', 'train.ts', '--json', '--threads', '2');
    expect(code).toBe(0);
    const told = events(stdout);
    const steps = told.filter(({ event }) => event === 'step');
    expect(told[0]).toMatchObject({ event: 'start', threads: 2, worldSize: 1, totalSteps: 22, step: 0 });
    expect(steps.map((event) => 'step' in event && event.step)).toEqual(
      Array.from({ length: 22 }, (_, index) => index + 1),
    );
    expect(told.filter(({ event }) => event === 'epoch')).toHaveLength(2);
    const done = told.at(-1) as DoneEvent;
    expect(done).toMatchObject({ event: 'done', steps: 22, worldSize: 1, threads: 2 });
    expect(done.metrics.testAccuracy).toBeGreaterThan(0.1);
    expect(done.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await latestCheckpoint(join(folder, 'runs/train'))).toMatchObject({ step: 22, path: done.checkpoint });
    expect(readFileSync(join(folder, 'runs/train/events.jsonl'), 'utf8')).toBe(stdout);
  });

  it('gives the same weights, bit for bit, however its shards are spread over processes and threads', async () => {
    const alone = await weightsOf('--threads', '1', '--shards', '2');
    expect(await weightsOf('--threads', '2')).toBe(alone);
    expect(await weightsOf('--nproc', '2', '--threads', '1')).toBe(alone);
    expect(await weightsOf('--nproc', '2', '--threads', '1', '--strategy', 'parameter-server')).toBe(alone);
    expect(await weightsOf('--threads', '1', '--shards', '2', '--seed', '2')).not.toBe(alone);
  });

  it.each([
    ['one process', ['--threads', '2']],
    ['two processes', ['--nproc', '2', '--threads', '1']],
  ])('saves its state at Ctrl-C, exits with 130, and resumes bit for bit, in %s', async (_, layout) => {
    const words = ['train', 'train.ts', '--json', '--epochs', '30', ...layout];
    const folder = folderWithTraining();
    let isInterrupted = false;
    const { child, ended } = startGradwire(folder, words, (stdout) => {
      if (isInterrupted || !stdout.includes('"step":20,')) return;
      isInterrupted = true;
      child.kill('SIGINT');
    });
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(last(stdout)).toMatchObject({ event: 'error', code: 'ERR_INTERRUPTED' });
    const saved = await latestCheckpoint(join(folder, 'runs/train'));
    expect(saved?.step).toBeGreaterThanOrEqual(20);
    const resumed = await gradwire(folder, ...words, '--resume');
    expect(events(resumed.stdout)[0]).toMatchObject({ event: 'start', step: saved?.step });
    const whole = await weightsOf('--epochs', '30', ...layout);
    expect(last(resumed.stdout)).toMatchObject({ event: 'done', weightsSha256: whole });
  });

  it.skipIf(process.platform !== 'linux')(
    'names the rank of a killed process and leaves its checkpoints whole',
    async () => {
      const folder = folderWithTraining();
      const words = ['train', 'train.ts', '--json', '--epochs', '200', '--nproc', '2', '--threads', '1'];
      let isKilled = false;
      const { child, ended } = startGradwire(folder, words, (stdout) => {
        if (isKilled || !stdout.includes('"event":"checkpoint"')) return;
        isKilled = true;
        process.kill(childrenOf(child.pid!)[1]!, 'SIGKILL');
      });
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(1);
      expect(stderr).toMatch(/^gradwire: rank 1 was killed by SIGKILL; [^\n]*\n$/);
      expect(last(stdout)).toMatchObject({ event: 'error', code: 'ERR_RANK_DIED' });
      expect(await latestCheckpoint(join(folder, 'runs/train'))).toBeDefined();
    },
  );

  it.each([
    ['one process', ['--threads', '1'], ''],
    ['two processes', ['--nproc', '2', '--threads', '1'], 'rank 0: '],
  ])('says that there is nothing to resume, in %s', async (_, layout, who) => {
    const { code, stderr } = await gradwire(folderWithTraining(), 'train', 'train.ts', '--resume', ...layout);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^gradwire: ${who}--resume: there is no whole checkpoint in [^\\n]*\\n$`));
  });
});
