import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listCheckpoints } from './checkpoint/store.ts';
import type { TrainingEvent } from './events.ts';
import type { RunConfig } from './run-config.ts';
import { UsageError } from './usage-error.ts';

const ENTRIES = ['config.json', 'events.jsonl', 'checkpoints'];
const PREVIOUS = 'previous';

/** Keeps what happens during a run, one JSON object a line. */
export interface EventLog {
  append(event: TrainingEvent): void;
  close(): Promise<void>;
}

/**
 * Makes the run's directory ready: writes `config.json` and opens `events.jsonl`, at its end when the run is resumed.
 * A new run does not touch an earlier one's checkpoints: they go to `previous/` with that run's other files, in place of
 * what lay there.
 */
export async function openRunDirectory(run: RunConfig): Promise<EventLog> {
  try {
    await mkdir(run.runDir, { recursive: true });
    if (!run.resume) await setAside(run.runDir);
    await writeFile(join(run.runDir, 'config.json'), `${JSON.stringify(run, null, 2)}\n`);
    return await openEventLog(join(run.runDir, 'events.jsonl'), run.resume ? 'a' : 'w');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--run-dir ${run.runDir}: cannot be used: ${reason}`, 'ERR_RUN_DIRECTORY', { cause: error });
  }
}

async function setAside(runDir: string): Promise<void> {
  const checkpoints = await listCheckpoints(runDir);
  if (checkpoints.length === 0) return;
  const previous = join(runDir, PREVIOUS);
  await rm(previous, { recursive: true, force: true });
  await mkdir(previous);
  for (const entry of ENTRIES) await rename(join(runDir, entry), join(previous, entry)).catch(ignoreMissing);
}

async function openEventLog(path: string, flags: 'a' | 'w'): Promise<EventLog> {
  const stream = createWriteStream(path, { flags });
  await once(stream, 'open');
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  // A full disk is no reason to lose the run here: if its checkpoints cannot be written either, that ends it.
  stream.on('error', ({ message }) => process.emitWarning(`${path}: events are not kept any more: ${message}`));
  return {
    append: (event) => void (stream.writable && stream.write(`${JSON.stringify(event)}\n`)),
    close: async () => {
      stream.end();
      await closed;
    },
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
