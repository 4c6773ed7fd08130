import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { launchLocal } from '../../src/launch/local.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const isBuilt = existsSync(new URL('../../build/launch/local.js', import.meta.url));
const entry = fixture('child.mjs');

describe.skipIf(!isBuilt)('launchLocal (needs npm run build)', () => {
  it('gives every rank its place in the world and hands on its events and lines', async () => {
    const events = new Map<number, { env: Record<string, string>; nan: number }>();
    const lines: string[] = [];
    await launchLocal({
      entry,
      args: ['report'],
      workers: 2,
      servers: 1,
      env: { EXTRA: 'yes', RANK: '9' },
      onEvent: (rank, event) => events.set(rank, event as never),
      onLine: (line) => lines.push(line),
    });
    const env = [0, 1, 2].map((rank) => events.get(rank)?.env);
    expect(env.map((each) => each?.RANK)).toEqual(['0', '1', '2']);
    expect(env.map((each) => each?.GRADWIRE_ROLE)).toEqual(['worker', 'worker', 'server']);
    expect(env[1]).toMatchObject({ WORLD_SIZE: '3', LOCAL_WORLD_SIZE: '3', MASTER_ADDR: '127.0.0.1', EXTRA: 'yes' });
    expect(new Set(env.map((each) => each?.MASTER_PORT)).size).toBe(1);
    expect(new Set(env.map((each) => each?.GRADWIRE_TOKEN)).size).toBe(1);
    expect(env[0]?.GRADWIRE_TOKEN).toMatch(/^[0-9a-f]{64}$/);
    expect(events.get(0)?.nan).toBeNaN();
    expect(lines).toContain('[rank 1] hello from 1');
    expect(lines).toContain('[rank 2] and a line without end');
  });

  it('reports the error that came first, not that of the ranks which lost a peer by it', async () => {
    const run = launchLocal({ entry, args: ['fail'], workers: 3 });
    await expect(run).rejects.toMatchObject({
      code: 'ERR_NAN_LOSS',
      message: 'rank 1: the loss is NaN at step 7',
      cause: 'stack in the child',
    });
  });

  it('names the rank and the signal when a process dies without a word, although others spoke before', async () => {
    const run = launchLocal({ entry, args: ['die'], workers: 2 });
    await expect(run).rejects.toMatchObject({
      code: 'ERR_RANK_DIED',
      message: expect.stringMatching(/^rank 1 was killed by SIGKILL/) as string,
    });
  });

  it('names the exit code of a process that left, and ends the others even if they ignore SIGTERM', async () => {
    const run = launchLocal({ entry, args: ['leave'], workers: 2 });
    await expect(run).rejects.toThrow('rank 1 ended with exit code 3 and gave no reason');
  });

  it('asks all to stop when its signal is aborted, and takes exit code 130 then as a good end', async () => {
    const controller = new AbortController();
    let started = 0;
    const run = launchLocal({
      entry,
      args: ['obey'],
      workers: 2,
      signal: controller.signal,
      onEvent: () => ++started === 2 && controller.abort(),
    });
    await expect(run).resolves.toBeUndefined();
  });

  it('ends those that do not stop in time and says which they were', async () => {
    const controller = new AbortController();
    let started = 0;
    const run = launchLocal({
      entry,
      args: ['refuse'],
      workers: 2,
      signal: controller.signal,
      stopMs: 100,
      onEvent: () => ++started === 2 && controller.abort(),
    });
    await expect(run).rejects.toMatchObject({
      code: 'ERR_STOP_TIMEOUT',
      message: expect.stringMatching(/^rank 0: did not reach/) as string,
    });
  });

  it('leaves no child behind when the launcher itself is killed with SIGKILL', async () => {
    const parent = spawn(process.execPath, [fixture('parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pids: number[] = [];
    for await (const line of createInterface(parent.stdout)) {
      if (pids.push(Number(line)) === 2) break;
    }
    expect(pids.every(isRunning)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => pids.filter(isRunning), { timeout: 5000 }).toEqual([]);
  });
});

/** Whether a process lives; one that has ended but that nobody has waited for (a zombie) does not. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
