import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { launchLocal } from '@gradwire/dist';
import { isTrainingEvent } from '../events.ts';
import type { TrainingEvent } from '../events.ts';
import type { TrainCommandFlags } from '../flags.ts';
import { InterruptedError, interruptSignal } from '../interrupt.ts';
import { errorEvent } from '../describe-error.ts';
import { loadTraining } from '../load-training.ts';
import { parseOverrides } from '../overrides.ts';
import { reportTo } from '../report/choose.ts';
import type { Reporter } from '../report/reporter.ts';
import type { RunConfig } from '../run-config.ts';
import { resolveRun } from '../run-config.ts';
import { openRunDirectory } from '../run-directory.ts';
import { runTraining } from '../training/run.ts';

/** `gradwire train FILE`: settles the run, starts it in this process or in several, and reports it to its end. */
export async function train(file: string, flags: TrainCommandFlags): Promise<void> {
  const overrides = parseOverrides(flags.set ?? []);
  const { reporter, release } = reportTo(process.stdout, process.stderr, flags);
  try {
    const surroundings = { cores: availableParallelism(), directory: process.cwd(), env: process.env };
    await execute(resolveRun(file, await loadTraining(file), flags, overrides, surroundings), reporter);
  } finally {
    release();
  }
}

async function execute(run: RunConfig, reporter: Reporter): Promise<void> {
  const log = await openRunDirectory(run);
  const remark = () => reporter.line('interrupted: saving the state after this step; once more ends at once');
  const { signal, dispose } = interruptSignal(remark);
  let isDone = false;
  const emit = (event: TrainingEvent) => {
    if (event.event === 'done') isDone = true;
    log.append(event);
    reporter.event(event);
  };
  try {
    if (run.nproc + run.servers > 1) await launch(run, emit, reporter.line, signal);
    else await runTraining(run, emit, signal);
    if (signal.aborted && !isDone) throw new InterruptedError();
  } catch (error) {
    log.append(errorEvent(error));
    throw error;
  } finally {
    dispose();
    await log.close();
  }
}

async function launch(
  run: RunConfig,
  emit: (event: TrainingEvent) => void,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await launchLocal({
    entry: fileURLToPath(new URL('../rank.js', import.meta.url)),
    workers: run.nproc,
    servers: run.servers,
    env: { GRADWIRE_RUN: JSON.stringify(run) },
    signal,
    // Every process sees the same steps; one voice is enough.
    onEvent: (rank, event) => {
      if (rank === 0 && isTrainingEvent(event)) emit(event);
    },
    onLine,
  });
}
