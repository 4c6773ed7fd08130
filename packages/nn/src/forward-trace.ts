/** What the modules of a model do in one forward pass, in evaluation. */
import { Tensor, zeros } from '@gradwire/tensor';
import { inEvaluation } from './in-evaluation.ts';
import type { Module } from './module.ts';

/** A tensor, or the shape of zeros. */
export type SummaryInput = Tensor | readonly number[];

export interface Trace {
  /** The shapes of the tensors in the last output. */
  shapes: string[];
  /** Floating-point operations of all calls of the module alone. */
  flops: number;
  /** Bytes of all outputs, as far as they are not memory of a tensor before. */
  bytes: number;
}

/** Runs the model once, and leaves it as it was. */
export function traceForward(
  model: Module,
  modules: readonly Module[],
  input: SummaryInput | readonly SummaryInput[],
): Map<Module, Trace> {
  const dtype = model.parameters()[0]?.dtype ?? 'float32';
  const inputs = inputList(input).map((one) => (one instanceof Tensor ? one : zeros(one, { dtype })));
  const traces = new Map<Module, Trace>();
  const seen = new Set(inputs.map(({ address }) => address));
  const handles = modules.map((module) =>
    module.registerForwardHook((_, given, output) => {
      const outputs = tensorsIn(output);
      const made = outputs.filter(({ address }) => !seen.has(address));
      for (const { address } of made) seen.add(address);
      const { flops, bytes } = traces.get(module) ?? { flops: 0, bytes: 0 };
      traces.set(module, {
        shapes: outputs.map(({ shape }) => `[${shape.join(', ')}]`),
        flops: flops + module.flops(output, ...given),
        bytes: made.reduce((sum, { nbytes }) => sum + nbytes, bytes),
      });
    }),
  );
  try {
    inEvaluation(model, () => (model as Module & { forward(...x: Tensor[]): unknown }).forward(...inputs));
  } finally {
    for (const handle of handles) handle.remove();
  }
  return traces;
}

function inputList(input: SummaryInput | readonly SummaryInput[]): readonly SummaryInput[] {
  if (input instanceof Tensor) return [input];
  return input.every((size) => typeof size === 'number') ? [input] : (input as readonly SummaryInput[]);
}

/** The tensors in an output: one alone, or in lists and objects (packed sequences, for example). */
export function tensorsIn(output: unknown): Tensor[] {
  if (output instanceof Tensor) return [output];
  return typeof output === 'object' && output !== null && !ArrayBuffer.isView(output)
    ? Object.values(output).flatMap(tensorsIn)
    : [];
}
