import { writeFile } from 'node:fs/promises';
import { exportOnnx } from '@gradwire/nn/onnx';
import { Tensor } from '@gradwire/tensor';
import { loadCheckpoint } from '../checkpoint/checkpoint.ts';
import { findCheckpoint } from '../checkpoint/find-checkpoint.ts';
import { loadTraining } from '../load-training.ts';
import { formatBytes, formatCount } from '../report/format.ts';
import type { Output } from '../report/reporter.ts';
import { checkedData, checkedModel } from '../training/user-values.ts';
import { UsageError } from '../usage-error.ts';

export interface ExportFlags {
  readonly data?: string;
}

/**
 * `gradwire export FILE CHECKPOINT OUT`: writes model.forward(x) of a training file, with the weights of a checkpoint (averaged ones, if
 * it has them) or of the newest one in a run directory, as an ONNX file for batches of any size; x is that of the first training
 * examples.
 * Throws UsageError for a training with a `predict` of its own, or without x, and what exportOnnx throws.
 */
export async function exportCheckpoint(
  file: string,
  path: string,
  out: string,
  flags: ExportFlags,
  output: Output,
): Promise<void> {
  const definition = await loadTraining(file);
  if (definition.predict) {
    throw new UsageError(
      `${file}: has a predict of its own, so forward(x) is not all of it; call exportOnnx of @gradwire/nn/onnx with what it needs`,
    );
  }
  const model = checkedModel(definition.model());
  const saved = await loadCheckpoint(await findCheckpoint(path, output), model.stateDict());
  const { seed, step } = saved.manifest;
  model.loadStateDict(saved.averaged ?? saved.model);

  const dir = flags.data ?? (process.env['GRADWIRE_DATA'] || undefined);
  const { train } = checkedData(await definition.data({ dir, seed }));
  const { x } = train.batch(Array.from({ length: Math.min(2, train.length) }, (_, i) => i)) as { x?: unknown };
  if (!(x instanceof Tensor))
    throw new UsageError(`${file}: its batches have no x, which forward could be exported for`);

  const names = { inputNames: ['x'], dynamicAxes: { x: { 0: 'batch' } } };
  const bytes = exportOnnx(model, [x], { ...names, metadata: { step: String(step) } });
  await writeFile(out, bytes);
  output.write(
    `${out}: ${formatBytes(bytes.length)}, the ${saved.averaged ? 'averaged ' : ''}weights of step ${formatCount(step)}\n`,
  );
}
