import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { latestCheckpoint } from '../src/checkpoint/store.ts';
import type { CheckpointEvent } from '../src/events.ts';
import { gradwire, isBuilt, startGradwire, type Ended } from './gradwire-command.ts';
import { isRunning, kill, processTree, survivors, type RunningProcess } from './process-tree.ts';
import { eventsIn, folderWithSmallTraining } from './small-training.ts';

const allReduce = ['--nproc', '2', '--threads', '1'];
const parameterServer = [...allReduce, '--strategy', 'parameter-server', '--servers', '1'];

interface Run {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The command itself and all that it has started. */
  readonly processes: readonly RunningProcess[];
}

/** Starts a run that would take very long, and waits for its first checkpoint. */
async function runWithCheckpoint(layout: readonly string[]): Promise<Run> {
  const folder = folderWithSmallTraining(96);
  const words = ['train', 'train.ts', '--json', '--epochs', '100000', ...layout];
  const run = await new Promise<ReturnType<typeof startGradwire>>((resolve, reject) => {
    const started = startGradwire(folder, words, (stdout) => {
      if (stdout.includes('"event":"checkpoint"')) resolve(started);
    });
    onTestFinished(() => void started.child.kill('SIGKILL'));
    void started.ended.then(({ stderr }) => reject(new Error(`the run ended before it was disturbed: ${stderr}`)));
  });
  const processes = processTree(run.child.pid!);
  onTestFinished(() => processes.forEach(kill));
  return { ...run, folder, processes };
}

const ranksOf = (processes: readonly RunningProcess[]) =>
  processes
    .map(({ rank }) => rank)
    .filter((rank) => rank !== undefined)
    .sort();

/** The newest whole checkpoint must be no older than the last one that the run has told of; it may be newer. */
async function expectWholeCheckpoint(folder: string, stdout: string): Promise<void> {
  const told = eventsIn(stdout).findLast((event): event is CheckpointEvent => event.event === 'checkpoint');
  const found = await latestCheckpoint(join(folder, 'runs/train'));
  expect(found!.step).toBeGreaterThanOrEqual(told!.step);
  const inspected = await gradwire(folder, 'inspect', found!.path);
  expect(inspected).toMatchObject({ code: 0, stderr: '' });
  expect(inspected.stdout).toContain('verified');
}

describe.skipIf(!isBuilt || process.platform !== 'linux')(
  'a killed process of gradwire train (needs npm run build)',
  { timeout: 20_000 },
  () => {
    it.each([
      ['rank 0', 0, allReduce],
      ['a worker of a parameter server', 1, parameterServer],
      ['a parameter server', 2, parameterServer],
    ])('ends the run, is named, and leaves nothing running: %s', async (_, victim, layout) => {
      const { folder, ended, processes } = await runWithCheckpoint(layout);
      const target = processes.find(({ rank }) => rank === victim);
      kill(target!);
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`^gradwire: rank ${victim} was killed by SIGKILL; [^\\n]*\\n$`));
      expect(eventsIn(stdout).at(-1)).toMatchObject({ event: 'error', code: 'ERR_RANK_DIED' });
      expect(await survivors(processes, 5_000)).toEqual([]);
      await expectWholeCheckpoint(folder, stdout);
    });

    it.each([
      ['all-reduce', allReduce, [0, 1]],
      ['a parameter server', parameterServer, [0, 1, 2]],
    ])('takes all ranks with it if it is the launcher, with %s', async (_, layout, ranks) => {
      const { folder, child, ended, processes } = await runWithCheckpoint(layout);
      expect(ranksOf(processes)).toEqual(ranks);
      expect(processes.every(isRunning)).toBe(true);
      child.kill('SIGKILL');
      const { code, stdout } = await ended;
      expect(code).toBeNull();
      expect(await survivors(processes, 5_000)).toEqual([]);
      await expectWholeCheckpoint(folder, stdout);
    });
  },
);
