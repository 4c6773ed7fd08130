import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import type { Output } from '../report/reporter.ts';
import { UsageError } from '../usage-error.ts';
import { latestCheckpoint } from './store.ts';

/** The folder itself, or the newest whole checkpoint where it is a run directory. Throws ERR_CHECKPOINT for a run without. */
export async function findCheckpoint(path: string, output: Output): Promise<string> {
  if (!(await exists(path))) {
    throw new UsageError(`${path}: there is no such file or folder; give a checkpoint or a run directory`);
  }
  if (!(await exists(join(path, 'checkpoints')))) return path;
  const latest = await latestCheckpoint(path, (reason) => void output.write(`skipped ${reason}\n`));
  if (!latest) throw new GradwireError('ERR_CHECKPOINT', `${path}: there is no whole checkpoint in this run directory`);
  return latest.path;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
