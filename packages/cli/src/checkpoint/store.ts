import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import type { Manifest } from './manifest.ts';
import { parseManifest } from './manifest.ts';

const KEPT = 3;
const MANIFEST = 'manifest.json';
const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;

/** A checkpoint's folder and the step at which it was written. */
export interface Place {
  readonly step: number;
  readonly path: string;
}

/** What a manifest says beside what follows from the files. */
export type ManifestHead = Omit<Manifest, 'format' | 'files'>;

/**
 * Writes a checkpoint into `checkpoints/step-N` of a run directory and returns its path; the manifest comes last and by
 * rename, so a checkpoint is either whole or no checkpoint. Then removes all but the newest three, and that of step
 * `spared`.
 */
export async function writeCheckpoint(
  runDir: string,
  head: ManifestHead,
  files: Readonly<Record<string, Uint8Array>>,
  spared?: number,
): Promise<string> {
  const path = checkpointPath(runDir, head.step);
  const manifest: Manifest = { format: 1, ...head, files: Object.fromEntries(Object.entries(files).map(described)) };
  try {
    await mkdir(path, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeWhole(join(path, name), bytes);
    await writeWhole(join(path, MANIFEST), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GradwireError('ERR_CHECKPOINT', `${path}: the checkpoint cannot be written: ${reason}`, { cause: error });
  }
  await prune(runDir, spared);
  return path;
}

/** The folder of the checkpoint of a step. */
export function checkpointPath(runDir: string, step: number): string {
  return join(runDir, 'checkpoints', `step-${step}`);
}

/** All checkpoint folders of a run directory, newest first, whole or not; none if there is no such directory. */
export async function listCheckpoints(runDir: string): Promise<Place[]> {
  const folder = join(runDir, 'checkpoints');
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => ({ step: Number(/^step-(\d{1,15})$/.exec(name)?.[1] ?? NaN), path: join(folder, name) }))
    .filter(({ step }) => !Number.isNaN(step))
    .sort((a, b) => b.step - a.step);
}

/**
 * Finds the newest whole checkpoint of a run directory, if there is one. `onSkip` hears of every newer one that is
 * incomplete or damaged.
 */
export async function latestCheckpoint(
  runDir: string,
  onSkip: (reason: string) => void = () => undefined,
): Promise<(Place & { readonly manifest: Manifest }) | undefined> {
  for (const place of await listCheckpoints(runDir)) {
    try {
      return { ...place, manifest: await verifyCheckpoint(place.path) };
    } catch (error) {
      if (!(error instanceof GradwireError)) throw error;
      onSkip(error.message);
    }
  }
  return undefined;
}

/** Reads the manifest of a checkpoint folder and checks every file against it. Throws ERR_CHECKPOINT. */
export async function verifyCheckpoint(path: string): Promise<Manifest> {
  const manifest = await readManifest(path);
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const file = join(path, name);
    const size = await stat(file).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) throw broken(path, `${name} is missing`);
    if (size !== bytes) throw broken(path, `${name} has ${size} bytes but the manifest says ${bytes}`);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    if (hash.digest('hex') !== sha256) throw broken(path, `${name} was changed: its sha256 is not the manifest's`);
  }
  return manifest;
}

/** Reads a file of a checkpoint that `verifyCheckpoint` has accepted. */
export function readCheckpointFile(path: string, name: string): Promise<Uint8Array> {
  return readFile(join(path, name));
}

async function readManifest(path: string): Promise<Manifest> {
  const file = join(path, MANIFEST);
  const size = await stat(file).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) throw broken(path, `there is no ${MANIFEST}; it is incomplete, or no checkpoint`);
  if (size > MANIFEST_BYTES_MAX) throw broken(path, `${MANIFEST} has ${size} bytes, more than ${MANIFEST_BYTES_MAX}`);
  return parseManifest(await readFile(file, 'utf8'), (sentence) => broken(path, sentence));
}

function described([name, bytes]: [string, Uint8Array]): [string, { bytes: number; sha256: string }] {
  return [name, { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') }];
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}

async function prune(runDir: string, spared?: number): Promise<void> {
  const places = await listCheckpoints(runDir);
  const isWhole = await Promise.all(places.map(({ path }) => stat(join(path, MANIFEST)).then(Boolean, () => false)));
  const kept = new Set(places.filter((_, index) => isWhole[index]).slice(0, KEPT));
  for (const place of places.filter((candidate) => !kept.has(candidate) && candidate.step !== spared)) {
    // The manifest goes first: a folder that is half removed must not look like a checkpoint.
    await rm(join(place.path, MANIFEST), { force: true });
    await rm(place.path, { recursive: true, force: true });
  }
}

function broken(path: string, what: string): GradwireError {
  return new GradwireError('ERR_CHECKPOINT', `${path}: ${what}`);
}
