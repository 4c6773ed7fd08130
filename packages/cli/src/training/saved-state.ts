/** Saving a run and going on with it: which state a checkpoint holds, and how it comes back into all processes. */
import { broadcast, rolesOf, type ProcessGroup } from '@gradwire/dist';
import { flatSlices, GradwireError, type FlatSlice, type Tensor } from '@gradwire/tensor';
import { loadCheckpoint, saveCheckpoint } from '../checkpoint/checkpoint.ts';
import type { PlainState } from '../checkpoint/manifest.ts';
import { latestCheckpoint } from '../checkpoint/store.ts';
import type { RunConfig } from '../run-config.ts';
import type { ScheduleContext } from '../define-training.ts';
import { UsageError } from '../usage-error.ts';
import type { Position } from './position.ts';
import type { Replica } from './replica.ts';

/** What must be the same for a run to go on bit for bit. The steps of an epoch stand for the length of the data. */
function fixedSettings({ batchSize, shards, seed }: RunConfig, { stepsPerEpoch }: ScheduleContext) {
  return { batchSize, shards, seed, stepsPerEpoch };
}

/** A run's step, and its plain values beside the tensors. */
export interface SavedRun {
  readonly step: number;
  readonly state: PlainState;
}

/** In rank 0: loads the newest whole checkpoint into the replica. */
export async function resume(
  run: RunConfig,
  { model, optimizer }: Replica,
  length: ScheduleContext,
): Promise<SavedRun> {
  const found = await latestCheckpoint(run.runDir, (reason) => process.emitWarning(reason));
  if (!found) {
    throw new UsageError(
      `--resume: there is no whole checkpoint in ${run.runDir}; leave --resume out to begin a run there`,
    );
  }
  const { manifest, model: weights, optimizer: state } = await loadCheckpoint(found.path, model.stateDict());
  for (const [name, value] of Object.entries(fixedSettings(run, length))) {
    const saved = manifest.state[name];
    if (saved !== value) {
      throw new GradwireError(
        'ERR_CHECKPOINT',
        `${found.path}: was written with ${name} ${String(saved)}, but this run has ${value}; make them equal`,
      );
    }
  }
  if (manifest.step > length.totalSteps) {
    throw new UsageError(
      `--resume: ${found.path} is already past the ${length.totalSteps} steps of ${run.epochs} epochs; give more --epochs`,
    );
  }
  model.loadStateDict(weights);
  optimizer.loadStateDict(state);
  for (const tensor of [...weights.values(), ...state.values()]) tensor[Symbol.dispose]();
  return { step: manifest.step, state: manifest.state };
}

/** In all processes: takes over rank 0's parameters and buffers and, after a resume, its optimizer state. */
export async function shareState(
  group: ProcessGroup,
  { optimizer, buffers }: Replica,
  isResumed: boolean,
): Promise<void> {
  if (group.size === 1) return;
  await broadcast(group, optimizer.flat.data.bytes());
  for (const tensor of buffers.tensors) await broadcast(group, tensor.bytes());
  if (!isResumed) return;
  for (const tensor of optimizer.flatState()) await broadcast(group, tensor.bytes());
}

/** In rank 0: writes a checkpoint with these plain values beside the tensors, and returns its path; keeps that of step `best`. */
export function save(
  run: RunConfig,
  { model, optimizer }: Replica,
  length: ScheduleContext,
  { step, epoch }: Position,
  state: PlainState,
  best: number | undefined,
): Promise<string> {
  const snapshot = {
    step,
    epoch,
    seed: run.seed,
    model: model.stateDict(),
    optimizer: [...optimizer.stateDict()].filter(([key]) => !key.startsWith('param_groups.')), // the training file has them
    state: { ...state, ...fixedSettings(run, length) },
  };
  return saveCheckpoint(run.runDir, snapshot, best);
}

/** With parameter servers: brings each server's slice of the optimizer state to rank 0. All ranks call it. */
export async function gatherState(run: RunConfig, group: ProcessGroup, { optimizer }: Replica): Promise<void> {
  if (run.strategy !== 'parameter-server') return;
  const slices = flatSlices(optimizer.flat, run.servers);
  for (const [s, server] of rolesOf(group, run.nproc).servers.entries()) {
    const parts = optimizer.flatState().map((tensor) => sliceOf(tensor, optimizer.flat.data.size, slices[s]!));
    for (const [tag, bytes] of parts.entries()) {
      if (group.rank === server) await group.send(0, tag, bytes);
      else if (group.rank === 0) await group.receive(server, tag, bytes);
    }
  }
}

/** Elements start … end − 1 of state that is as long as the parameters; step counts, which are shorter, whole. */
function sliceOf(tensor: Tensor, size: number, { start, end }: FlatSlice): Uint8Array {
  return tensor.size === size ? tensor.bytes().subarray(start * 4, end * 4) : tensor.bytes();
}
