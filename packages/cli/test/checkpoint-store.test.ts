import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latestCheckpoint, listCheckpoints, verifyCheckpoint, writeCheckpoint } from '../src/checkpoint/store.ts';
import { temporaryFolder } from './temporary-folder.ts';

const head = (step: number) => ({ step, epoch: 1, seed: 1, model: [], state: {} });
const write = (runDir: string, step: number, text = `weights of step ${step}`, spared?: number) => {
  const files = { 'model.safetensors': Buffer.from(text), 'optimizer.safetensors': Buffer.from('') };
  return writeCheckpoint(runDir, head(step), files, spared);
};

describe('writeCheckpoint', () => {
  it('leaves a folder that verifies, with nothing else in it', async () => {
    const path = await write(temporaryFolder(), 7);
    expect(path).toMatch(/checkpoints\/step-7$/);
    expect(readdirSync(path).sort()).toEqual(['manifest.json', 'model.safetensors', 'optimizer.safetensors']);
    expect(await verifyCheckpoint(path)).toMatchObject({
      format: 1,
      step: 7,
      files: { 'model.safetensors': { bytes: 17 } },
    });
  });

  it('keeps the newest three', async () => {
    const runDir = temporaryFolder();
    for (const step of [5, 10, 15, 20, 100]) await write(runDir, step);
    expect((await listCheckpoints(runDir)).map(({ step }) => step)).toEqual([100, 20, 15]);
  });

  it('keeps one more that is to be spared, and lets it go with the next', async () => {
    const runDir = temporaryFolder();
    for (const step of [5, 10, 15, 20]) await write(runDir, step, 'weights', 5);
    expect((await listCheckpoints(runDir)).map(({ step }) => step)).toEqual([20, 15, 10, 5]);
    await write(runDir, 25, 'weights', 20);
    expect((await listCheckpoints(runDir)).map(({ step }) => step)).toEqual([25, 20, 15]);
  });

  it('removes what an interrupted save left, and does not count it among the three', async () => {
    const runDir = temporaryFolder();
    for (const step of [1, 2, 3]) await write(runDir, step);
    rmSync(join(runDir, 'checkpoints/step-3/manifest.json'));
    await write(runDir, 4);
    expect((await listCheckpoints(runDir)).map(({ step }) => step)).toEqual([4, 2, 1]);
  });

  it('may write the same step again', async () => {
    const runDir = temporaryFolder();
    await write(runDir, 1, 'old');
    const path = await write(runDir, 1, 'new');
    expect(readFileSync(join(path, 'model.safetensors'), 'utf8')).toBe('new');
    await verifyCheckpoint(path);
  });

  it('says where it could not write', async () => {
    const runDir = temporaryFolder();
    writeFileSync(join(runDir, 'checkpoints'), 'a file in the way');
    await expect(write(runDir, 1)).rejects.toMatchObject({
      code: 'ERR_CHECKPOINT',
      message: expect.stringMatching(/step-1: the checkpoint cannot be written: ENOTDIR/) as string,
    });
  });
});

describe('latestCheckpoint', () => {
  it('finds none where there is none', async () => {
    expect(await latestCheckpoint(join(temporaryFolder(), 'nowhere'))).toBeUndefined();
  });

  it.each([
    ['a missing file', (path: string) => rmSync(join(path, 'model.safetensors')), 'model.safetensors is missing'],
    [
      'a short file',
      (path: string) => truncateSync(join(path, 'model.safetensors'), 3),
      'model.safetensors has 3 bytes but the manifest says 18',
    ],
    [
      'a long file',
      (path: string) => appendFileSync(join(path, 'model.safetensors'), 'x'),
      'has 19 bytes but the manifest says 18',
    ],
    [
      'changed bytes',
      (path: string) => writeFileSync(join(path, 'model.safetensors'), 'x'.repeat(18)),
      'model.safetensors was changed',
    ],
    ['no manifest', (path: string) => rmSync(join(path, 'manifest.json')), 'there is no manifest.json'],
    ['half a manifest', (path: string) => truncateSync(join(path, 'manifest.json'), 20), 'the manifest is not JSON'],
  ])('goes back to the one before if the newest has %s, and says why', async (_, damage, reason) => {
    const runDir = temporaryFolder();
    await write(runDir, 9);
    const newest = await write(runDir, 10);
    damage(newest);
    const skipped: string[] = [];
    expect(await latestCheckpoint(runDir, (sentence) => skipped.push(sentence))).toMatchObject({ step: 9 });
    expect(skipped).toEqual([expect.stringContaining(reason)]);
    expect(existsSync(newest)).toBe(true);
  });

  it('orders by number, not by name, and ignores other folders', async () => {
    const runDir = temporaryFolder();
    for (const step of [90, 1000]) await write(runDir, step);
    writeFileSync(join(runDir, 'checkpoints/step-x'), '');
    expect(await latestCheckpoint(runDir)).toMatchObject({ step: 1000 });
  });
});
