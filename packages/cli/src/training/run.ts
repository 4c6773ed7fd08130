import { joinGroup, type ProcessGroup } from '@gradwire/dist';
import { GradwireError } from '@gradwire/tensor';
import type { TrainingEvent } from '../events.ts';
import { loadTraining } from '../load-training.ts';
import type { RunConfig } from '../run-config.ts';
import { serveInProcess } from './server-process.ts';
import { trainInProcess } from './worker-process.ts';

/**
 * A process that dies is noticed by its heartbeat. This only ends the wait for one that lives and does nothing, so it is
 * longer than anything that processes do alone: reading data, measuring, writing a checkpoint.
 */
const TIMEOUT_MS = 30 * 60_000;

/**
 * One process's part of a training, from joining the others to the end; resolves early, with the state saved, once
 * `signal` is aborted. If it fails, the other processes learn why.
 */
export async function runTraining(
  run: RunConfig,
  emit: (event: TrainingEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  if (run.dataDir !== undefined) process.env['GRADWIRE_DATA'] = run.dataDir; // for readers in every thread, too
  const definition = await loadTraining(run.file);
  const group = await joinRun(run);
  try {
    if (group.rank < run.nproc) await trainInProcess(run, definition, group, emit, signal);
    else await serveInProcess(run, definition, group);
  } catch (error) {
    const cause = group.failure ?? (error as Error);
    await group.abort(cause);
    throw cause;
  }
  await group.close();
}

async function joinRun({ nproc, servers }: RunConfig): Promise<ProcessGroup> {
  const size = nproc + servers;
  if (size === 1) return joinGroup({ rank: 0, worldSize: 1 });
  const group = await joinGroup({ timeoutMs: TIMEOUT_MS });
  if (group.size === size) return group;
  await group.close();
  throw new GradwireError(
    'ERR_ENVIRONMENT',
    `WORLD_SIZE is ${group.size}, but the run has ${nproc} workers and ${servers} servers`,
  );
}
