/** What a run says of itself at its start and at its end. */
import { kernelBackend } from '@gradwire/tensor';
import type { ScheduleContext } from '../define-training.ts';
import type { DoneEvent, StartEvent } from '../events.ts';
import type { RunConfig } from '../run-config.ts';
import type { Replica } from './replica.ts';
import { weightsSha256 } from './weights-hash.ts';

/** step: how many were done before. */
export function startEvent(
  run: RunConfig,
  { model }: Replica,
  { totalSteps }: ScheduleContext,
  step: number,
): StartEvent {
  const { file, nproc, threads, servers, shards, strategy, seed, epochs, batchSize, runDir } = run;
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const settings = { file, threads, servers, shards, strategy, seed, epochs, batchSize, runDir };
  return { event: 'start', ...settings, worldSize: nproc, backend: kernelBackend(), totalSteps, parameters, step };
}

/** examples: how many were used in those seconds. */
export function doneEvent(
  { nproc, threads }: RunConfig,
  { model }: Replica,
  examples: number,
  figures: Pick<DoneEvent, 'steps' | 'seconds' | 'metrics'> & {
    checkpoint?: string | undefined;
    best?: DoneEvent['best'];
  },
): DoneEvent {
  const { steps, seconds, metrics, checkpoint, best } = figures;
  return {
    event: 'done',
    steps,
    seconds,
    examplesPerSecond: Math.round(examples / Math.max(seconds, 1e-6)),
    metrics,
    weightsSha256: weightsSha256(model),
    worldSize: nproc,
    threads,
    ...(checkpoint !== undefined && { checkpoint }),
    ...(best && { best }),
  };
}
