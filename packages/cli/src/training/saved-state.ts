/** Saving a run and going on with it: which state a checkpoint holds, and how it comes back into all processes. */
import { broadcast, rolesOf, type ProcessGroup } from '@gradwire/dist';
import type { ExponentialMovingAverage, Module } from '@gradwire/nn';
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
  { model, optimizer, average }: Replica,
  length: ScheduleContext,
): Promise<SavedRun> {
  const found = await latestCheckpoint(run.runDir, (reason) => process.emitWarning(reason));
  if (!found) {
    throw new UsageError(
      `--resume: there is no whole checkpoint in ${run.runDir}; leave --resume out to begin a run there`,
    );
  }
  const { manifest, averaged, ...saved } = await loadCheckpoint(found.path, model.stateDict());
  for (const [name, value] of Object.entries(fixedSettings(run, length))) {
    const written = manifest.state[name];
    if (written !== value) {
      throw new GradwireError(
        'ERR_CHECKPOINT',
        `${found.path}: was written with ${name} ${String(written)}, but this run has ${value}; make them equal`,
      );
    }
  }
  if (manifest.step > length.totalSteps) {
    throw new UsageError(
      `--resume: ${found.path} is already past the ${length.totalSteps} steps of ${run.epochs} epochs; give more --epochs`,
    );
  }
  if (average && !averaged) {
    throw new GradwireError(
      'ERR_CHECKPOINT',
      `${found.path}: was written without averaged weights; leave out ema, or begin a run in another --run-dir`,
    );
  }
  model.loadStateDict(saved.model);
  optimizer.loadStateDict(saved.optimizer);
  if (average) loadAverages(average, model, averaged!, manifest.step);
  for (const dict of [saved.model, saved.optimizer, averaged ?? new Map<string, Tensor>()]) {
    for (const tensor of dict.values()) tensor[Symbol.dispose]();
  }
  return { step: manifest.step, state: manifest.state };
}

/** The state dict with averages in the place of parameters; buffers have none. */
function withAverages(model: Module, average: ExponentialMovingAverage): [string, Tensor][] {
  return [...model.stateDict()].map(([key, tensor]) => [key, average.of(tensor) ?? tensor]);
}

/** Takes averages of so many updates from such a state dict. */
function loadAverages(
  average: ExponentialMovingAverage,
  model: Module,
  saved: ReadonlyMap<string, Tensor>,
  updates: number,
): void {
  for (const [key, tensor] of model.stateDict()) average.of(tensor)?.view().set(saved.get(key)!.data());
  average.updates = updates;
}

/** In all processes: takes over rank 0's parameters and buffers and, after a resume, optimizer state and averages. */
export async function shareState(
  group: ProcessGroup,
  { optimizer, buffers, average }: Replica,
  isResumed: boolean,
): Promise<void> {
  if (group.size === 1) return;
  await broadcast(group, optimizer.flat.data.bytes());
  for (const tensor of buffers.tensors) await broadcast(group, tensor.bytes());
  if (!isResumed) return;
  for (const tensor of [...optimizer.flatState(), ...(average?.flatState() ?? [])])
    await broadcast(group, tensor.bytes());
}

/** In rank 0: writes a checkpoint with these plain values beside the tensors, and returns its path; keeps that of step `best`. */
export function save(
  run: RunConfig,
  { model, optimizer, average }: Replica,
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
    averaged: average && withAverages(model, average),
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
