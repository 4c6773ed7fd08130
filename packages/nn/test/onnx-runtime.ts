/** Runs exported files with onnxruntime-node, and compares them with the model. */
import type { Tensor } from '@gradwire/tensor';
import { fromTypedArray, noGrad, type TypedArray } from '@gradwire/tensor';
import { expect } from 'vitest';
import type { Module } from '../src/module.ts';
import { exportOnnx, type OnnxOptions } from '../src/onnx/export-onnx.ts';
import { tensorsIn } from '../src/onnx/run.ts';
import { inEvaluation } from '../src/in-evaluation.ts';

/** Null where it is not installed, or has no build for this machine. */
export const runtime = await import('onnxruntime-node').catch(() => null);

/** Whatever forward of the model returns, for these arguments. */
export function outputsOf(model: Module, args: readonly unknown[]): Tensor[] {
  const forward = model as Module & { forward(...args: unknown[]): unknown };
  return inEvaluation(model, () => noGrad(() => tensorsIn(forward.forward(...args))));
}

/** The outputs of the file for these inputs. */
export async function run(file: Uint8Array, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const { InferenceSession, Tensor: OrtTensor } = runtime!;
  const session = await InferenceSession.create(file, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    const feeds = inputs.map(({ dtype, shape, data }, i) => [
      session.inputNames[i],
      new OrtTensor(dtype, data.call(inputs[i]), shape),
    ]);
    const results = await session.run(Object.fromEntries(feeds) as Record<string, InstanceType<typeof OrtTensor>>);
    return session.outputNames.map((name) => fromTypedArray(results[name].data as TypedArray, results[name].dims));
  } finally {
    await session.release();
  }
}

/**
 * Exports the model for `args`, and checks that the file gives what the model gives, for them and for other arguments.
 * Returns the file.
 */
export async function expectSame(
  model: Module,
  args: readonly unknown[],
  options: OnnxOptions = {},
  others: readonly (readonly unknown[])[] = [],
): Promise<Uint8Array> {
  const file = exportOnnx(model, args, options);
  for (const given of [args, ...others]) {
    const wanted = outputsOf(model, given);
    const got = await run(file, [...new Set(tensorsIn(given))]);
    expect(got.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape));
    got.forEach((tensor, i) => expectClose(tensor, wanted[i]));
  }
  return file;
}

function expectClose(got: Tensor, wanted: Tensor): void {
  const [a, b] = [got.data(), wanted.data()];
  const gaps = Array.from(a, (value, i) =>
    Object.is(value, b[i]) || value === b[i] ? 0 : Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i])),
  );
  expect(gaps.filter((gap) => !(gap < 1e-4))).toEqual([]);
}
