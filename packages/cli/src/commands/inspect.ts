import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Tensor } from '@gradwire/tensor';
import { GradwireError, readSafetensors } from '@gradwire/tensor';
import { findCheckpoint } from '../checkpoint/find-checkpoint.ts';
import type { Manifest } from '../checkpoint/manifest.ts';
import { readCheckpointFile, verifyCheckpoint } from '../checkpoint/store.ts';
import { describeError } from '../describe-error.ts';
import { formatBytes, formatCount, formatFigure, plural } from '../report/format.ts';
import type { Output } from '../report/reporter.ts';
import { table } from '../report/table.ts';
import { tensorStatistics } from '../tensor-statistics.ts';

/**
 * `gradwire inspect CHECKPOINT`: shows the manifest and the tensors of a checkpoint folder, of the newest checkpoint in
 * a run directory, or of a single .safetensors file, after checking every file against its sha256.
 */
export async function inspect(path: string, output: Output): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return showTensors(basename(path), await readFile(path), path, output);
  const checkpoint = await findCheckpoint(path, output);
  const manifest = await verifyCheckpoint(checkpoint);
  showManifest(checkpoint, manifest, output);
  for (const name of Object.keys(manifest.files)) {
    showTensors(name, await readCheckpointFile(checkpoint, name), join(checkpoint, name), output);
  }
}

function showManifest(path: string, { step, epoch, seed, files }: Manifest, output: Output): void {
  output.write(`${path}\n  step ${formatCount(step)}, epoch ${epoch}, seed ${seed}\n`);
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    output.write(`  ${name}  ${formatBytes(bytes)}  sha256 ${sha256.slice(0, 12)} verified\n`);
  }
}

function showTensors(name: string, bytes: Uint8Array, path: string, output: Output): void {
  const tensors = decode(bytes, path);
  const rows = [...tensors].map(([key, tensor]) => tensorRow(key, tensor));
  const parameters = [...tensors.values()].reduce((sum, { size }) => sum + size, 0);
  for (const tensor of tensors.values()) tensor[Symbol.dispose]();
  output.write(`\n${name}: ${plural(tensors.size, 'tensor')}, ${plural(parameters, 'element')}\n`);
  const heads = ['name', 'shape', 'dtype', 'elements', 'norm', 'mean', 'std'];
  if (rows.length > 0) output.write(`${table(heads, rows, { left: 3 })}\n`);
}

function decode(bytes: Uint8Array, path: string): Map<string, Tensor> {
  try {
    return readSafetensors(bytes).tensors;
  } catch (error) {
    throw new GradwireError('ERR_CHECKPOINT', `${path}: ${describeError(error)}`, { cause: error });
  }
}

function tensorRow(name: string, tensor: Tensor): string[] {
  const { norm, mean, std } = tensorStatistics(tensor.data());
  const shape = `[${tensor.shape.join(', ')}]`;
  return [name, shape, tensor.dtype, formatCount(tensor.size), ...[norm, mean, std].map(formatFigure)];
}
