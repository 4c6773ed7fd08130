import type { Tensor } from '@gradwire/tensor';
import { GradwireError, readSafetensors, writeSafetensors } from '@gradwire/tensor';
import type { Manifest, NamedShape, PlainState } from './manifest.ts';
import { modelDifferences } from './manifest.ts';
import { readCheckpointFile, verifyCheckpoint, writeCheckpoint } from './store.ts';

const MODEL = 'model.safetensors';
const OPTIMIZER = 'optimizer.safetensors';
const AVERAGED = 'averaged.safetensors';

/** The state of a run at a step boundary: what it takes to continue bit for bit. */
export interface Snapshot {
  readonly step: number;
  readonly epoch: number;
  readonly seed: number;
  /** The state dict of the model. */
  readonly model: Iterable<readonly [string, Tensor]>;
  readonly optimizer: Iterable<readonly [string, Tensor]>;
  /** The state dict with averaged weights, if there are any. */
  readonly averaged?: Iterable<readonly [string, Tensor]> | undefined;
  /** Plain values beside the tensors, such as the optimizer's and the schedule's counters. */
  readonly state: PlainState;
}

/** A checkpoint in memory; its tensors are the caller's. */
export interface Checkpoint {
  readonly manifest: Manifest;
  readonly model: Map<string, Tensor>;
  readonly optimizer: Map<string, Tensor>;
  readonly averaged: Map<string, Tensor> | undefined;
}

/**
 * Saves a snapshot under a run directory and returns the checkpoint's path. All tensors are copied before the call
 * returns its promise, so training may go on while the files are written. All but the newest three checkpoints, and that
 * of step `spared`, are removed. Throws ERR_CHECKPOINT.
 */
export function saveCheckpoint(runDir: string, snapshot: Snapshot, spared?: number): Promise<string> {
  const { model, optimizer, averaged, ...rest } = snapshot;
  const parameters = [...model];
  const files = {
    [MODEL]: writeSafetensors(parameters),
    [OPTIMIZER]: writeSafetensors(optimizer),
    ...(averaged && { [AVERAGED]: writeSafetensors(averaged) }),
  };
  return writeCheckpoint(runDir, { ...rest, model: modelSignature(parameters) }, files, spared);
}

/**
 * Loads a checkpoint folder for a model with this state dict, after checking every byte of it.
 * Throws ERR_CHECKPOINT if it is damaged, ERR_CHECKPOINT_MODEL if it belongs to another model.
 */
export async function loadCheckpoint(path: string, model: Iterable<readonly [string, Tensor]>): Promise<Checkpoint> {
  const manifest = await verifyCheckpoint(path);
  const wanted = modelSignature(model);
  checkModel(path, manifest.model, wanted);
  const tensorsOf = async (name: string) => readSafetensors(await readCheckpointFile(path, name)).tensors;
  const averaged = AVERAGED in manifest.files ? await tensorsOf(AVERAGED) : undefined;
  if (averaged) checkModel(path, modelSignature(averaged), wanted);
  return {
    manifest,
    model: await tensorsOf(MODEL),
    optimizer: await tensorsOf(OPTIMIZER),
    averaged,
  };
}

function checkModel(path: string, saved: readonly NamedShape[], wanted: readonly NamedShape[]): void {
  const differences = modelDifferences(saved, wanted);
  if (differences.length === 0) return;
  const sentence = `${path}: belongs to another model: ${differences.join('; ')}`;
  throw new GradwireError(
    'ERR_CHECKPOINT_MODEL',
    `${sentence}; take the model it was written by, or another --run-dir`,
  );
}

/** Names and shapes of a state dict, by which a checkpoint knows its model. */
export function modelSignature(model: Iterable<readonly [string, Tensor]>): NamedShape[] {
  return [...model].map(([name, { shape }]) => ({ name, shape: [...shape] }));
}
