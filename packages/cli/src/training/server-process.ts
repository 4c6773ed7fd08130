import { serve, type ProcessGroup } from '@gradwire/dist';
import { flatSlices } from '@gradwire/tensor';
import type { TrainingDefinition } from '../define-training.ts';
import type { RunConfig } from '../run-config.ts';
import { agreeOn, agreeOnValues, checkLengths } from './agree.ts';
import { EpochWatch } from './epoch-watch.ts';
import { epochFigures, noSums } from './evaluation.ts';
import { scheduleContext } from './length.ts';
import { positionAfter } from './position.ts';
import { Replica } from './replica.ts';
import { gatherState, shareState } from './saved-state.ts';
import { infoCounts } from './step-exchange.ts';

/**
 * One parameter server of a run: owns a slice of the parameters and its optimizer state. It has no data, and takes
 * part in everything that all processes do together.
 */
export async function serveInProcess(
  run: RunConfig,
  definition: TrainingDefinition,
  group: ProcessGroup,
): Promise<void> {
  await checkLengths(group, run.nproc, 0);
  const length = scheduleContext(run, await agreeOn(group, 0));
  const replica = new Replica(definition, run.seed, length);
  let step = await agreeOn(group, 0);
  await shareState(group, replica, run.resume);
  const watch = new EpochWatch(definition, replica, run.runDir, length);
  if (run.resume) watch.restore(await agreeOnValues(group, {}));
  for (const parameter of replica.optimizer.flat.parameters) parameter.hasGrad = parameter.requiresGrad; // from all workers
  let stopping = false;
  while (positionAfter(step, length.stepsPerEpoch).epoch < run.epochs && !stopping && !watch.isOver) {
    ({ step, stopping } = await serveEpoch(run, group, replica, step));
    if (step % length.stepsPerEpoch === 0) {
      const { loss, metrics } = await epochFigures(group, definition, noSums(definition), 0);
      watch.endEpoch({ loss, ...metrics });
    }
    await gatherState(run, group, replica);
  }
}

/** Applies the workers' gradients to this server's slice until they end the epoch. */
async function serveEpoch(
  run: RunConfig,
  group: ProcessGroup,
  replica: Replica,
  step: number,
): Promise<{ step: number; stopping: boolean }> {
  const { optimizer, update } = replica;
  const { data, grad } = optimizer.flat;
  const slices = flatSlices(optimizer.flat, run.servers);
  const own = slices[group.rank - run.nproc]!;
  let stopping = false;
  await serve(group, {
    workers: run.nproc,
    slices,
    info: infoCounts(replica.buffers.size),
    parameters: (data.view() as Float32Array).subarray(own.start, own.end),
    apply: async (gradientSum, { sums, maxima }, gather) => {
      stopping = maxima[0] === 1;
      if (!Number.isFinite(sums[0])) return; // the workers will report it; the weights stay as they are
      replica.schedule(step++);
      (grad.view() as Float32Array).set(gradientSum, own.start);
      for (const norms of update.run(own)) {
        for (const norm of norms)
          await gather(
            norm.sums.view() as Float64Array,
            slices.map((slice) => norm.slice(slice)),
          );
      }
      optimizer.advance();
    },
  });
  return { step, stopping };
}
