/**
 * Watching operations as they run, gradients recorded or not: what an exporter learns of a model. `record` tells of every
 * operation that has a gradient, by the name of its rule; `noted` of the others, and of those whose rule does not say
 * enough. An operation made of others is told of after them, with the same result: who listens may take either.
 */
import type { Tensor } from '../tensor.ts';

/** One operation that has run. */
export interface TracedOperation {
  readonly name: string;
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  /** Its options and sizes; each operation has its own. */
  readonly settings: unknown;
}

/** Who listens. What it throws stops the operation. */
export interface Tracer {
  ran(operation: TracedOperation): void;
  /** The values of x were changed in place. */
  changed(x: Tensor): void;
}

/** The one that listens in this thread. */
export let tracer: Tracer | null = null;

/** Runs `fn` while `listener` is told of its operations. */
export function traceOperations<T>(listener: Tracer, fn: () => T): T {
  const before = tracer;
  tracer = listener;
  try {
    return fn();
  } finally {
    tracer = before;
  }
}

/** Tells of an operation that has made `output`, one tensor or several; returns it. */
export function noted<T extends Tensor | readonly Tensor[]>(
  output: T,
  name: string,
  inputs: readonly (Tensor | null)[],
  settings?: unknown,
): T {
  if (tracer !== null) tracer.ran({ name, inputs, outputs: [output].flat() as Tensor[], settings });
  return output;
}
