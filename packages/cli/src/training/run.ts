import type { TrainingEvent } from '../events.ts';
import { loadTraining } from '../load-training.ts';
import type { RunConfig } from '../run-config.ts';

/** Runs a training to its end; resolves early, with the state saved, once `signal` is aborted. */
export async function runTraining(
  { file, dataDir, seed }: RunConfig,
  _emit: (event: TrainingEvent) => void,
  _signal: AbortSignal,
): Promise<void> {
  const definition = await loadTraining(file);
  await definition.data({ dir: dataDir, seed });
}
