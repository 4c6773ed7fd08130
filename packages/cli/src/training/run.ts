import type { TrainingEvent } from '../events.ts';
import type { RunConfig } from '../run-config.ts';

/** Runs a training to its end; resolves early, with the state saved, once `signal` is aborted. */
export async function runTraining(
  _run: RunConfig,
  _emit: (event: TrainingEvent) => void,
  _signal: AbortSignal,
): Promise<void> {}
