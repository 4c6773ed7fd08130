import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint, writeCheckpoint } from '../src/checkpoint/store.ts';
import type { TrainingEvent } from '../src/events.ts';
import type { RunConfig } from '../src/run-config.ts';
import { openRunDirectory } from '../src/run-directory.ts';
import { temporaryFolder } from './temporary-folder.ts';

const run = (runDir: string, changed: Partial<RunConfig> = {}): RunConfig => ({
  file: '/train.ts',
  epochs: 1,
  batchSize: 8,
  seed: 1,
  threads: 1,
  nproc: 1,
  servers: 0,
  strategy: 'all-reduce',
  shards: 1,
  runDir,
  resume: false,
  ...changed,
});
const event: TrainingEvent = { event: 'eval', step: 1, epoch: 1, metrics: { testLoss: 1 } };
const lines = (runDir: string) => readFileSync(join(runDir, 'events.jsonl'), 'utf8').trim().split('\n');

async function pretendRun(config: RunConfig, step: number): Promise<void> {
  const log = await openRunDirectory(config);
  log.append(event);
  await log.close();
  await writeCheckpoint(config.runDir, { step, epoch: 1, seed: 1, model: [], state: {} }, {});
}

describe('openRunDirectory', () => {
  it('writes the settled run and one event a line', async () => {
    const runDir = join(temporaryFolder(), 'runs/new');
    await pretendRun(run(runDir), 1);
    expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toEqual(run(runDir));
    expect(lines(runDir).map((line) => JSON.parse(line) as unknown)).toEqual([event]);
  });

  it('goes on in the same files when a run is resumed', async () => {
    const runDir = temporaryFolder();
    await pretendRun(run(runDir), 1);
    await pretendRun(run(runDir, { resume: true }), 2);
    expect(lines(runDir)).toHaveLength(2);
    expect(await latestCheckpoint(runDir)).toMatchObject({ step: 2 });
    expect(existsSync(join(runDir, 'previous'))).toBe(false);
  });

  it('sets an earlier run aside, so that a new one neither mixes with its checkpoints nor destroys them', async () => {
    const runDir = temporaryFolder();
    await pretendRun(run(runDir), 500);
    writeFileSync(join(runDir, 'notes.txt'), 'mine');
    await pretendRun(run(runDir), 1);
    expect(await latestCheckpoint(runDir)).toMatchObject({ step: 1 });
    expect(await latestCheckpoint(join(runDir, 'previous'))).toMatchObject({ step: 500 });
    expect(readdirSync(runDir).sort()).toEqual(['checkpoints', 'config.json', 'events.jsonl', 'notes.txt', 'previous']);
  });

  it('does not let a run that saved nothing push out the one set aside', async () => {
    const runDir = temporaryFolder();
    await pretendRun(run(runDir), 500);
    for (let attempt = 0; attempt < 3; attempt++) await (await openRunDirectory(run(runDir))).close();
    expect(await latestCheckpoint(join(runDir, 'previous'))).toMatchObject({ step: 500 });
  });

  it('says in one sentence that a directory cannot be used', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(openRunDirectory(run(join(folder, 'file')))).rejects.toMatchObject({
      name: 'UsageError',
      code: 'ERR_RUN_DIRECTORY',
      message: expect.stringMatching(/^--run-dir .*file: cannot be used: EEXIST/) as string,
    });
    mkdirSync(join(folder, 'run/events.jsonl'), { recursive: true });
    await expect(openRunDirectory(run(join(folder, 'run')))).rejects.toThrow('cannot be used: EISDIR');
  });
});
