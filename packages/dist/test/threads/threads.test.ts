import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const isBuilt = existsSync(new URL('../../build/index.js', import.meta.url));
const script = fileURLToPath(new URL('./threads-process.mjs', import.meta.url));

interface Outcome {
  results: { lasts?: number; code?: string }[];
  made: (number[] | undefined)[];
  words: number[];
}

async function runThreads(rounds: number, isAborted = false): Promise<Outcome> {
  const words = [4, rounds, 3, Number(isAborted)].map(String);
  return JSON.parse((await promisify(execFile)(process.execPath, [script, ...words])).stdout) as Outcome;
}

async function runMeetings(...words: number[]): Promise<{ results: string[]; words: number[] }> {
  const meetings = fileURLToPath(new URL('./meeting-process.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [meetings, ...words.map(String)]);
  return JSON.parse(stdout) as { results: string[]; words: number[] };
}

describe.skipIf(!isBuilt)('threads of a pool (needs npm run build)', () => {
  it('meet at barriers where exactly one acts for all, and count the shards of a bucket', async () => {
    const { results, words } = await runThreads(500);
    expect(results.reduce((sum, { lasts = NaN }) => sum + lasts, 0)).toBe(500);
    expect(words).toEqual([4 * 500, 500, 0]);
  });

  it('make tensors that the main thread sees', async () => {
    const { results, made } = await runThreads(3);
    expect(made).toEqual(results.map(({ lasts }) => [lasts, 5]));
  });

  it('are all woken by an abort', async () => {
    expect((await runThreads(0, true)).results).toEqual(Array(4).fill({ code: 'ERR_STEP_ABORTED' }));
  });

  it('meet in the midst of a step, some of them, and wait for the main thread’s answers', async () => {
    expect(await runMeetings(200)).toEqual({ results: Array(4).fill('done'), words: [3 * 200, 200, 0] });
  });

  it('are released from a meeting, and from the barrier behind it, if the main thread gives up', async () => {
    const { results, words } = await runMeetings(200, 50);
    expect(results).toEqual(Array(4).fill('ERR_STEP_ABORTED'));
    expect(words).toEqual([3 * 51, 50, 0]);
  });
});
