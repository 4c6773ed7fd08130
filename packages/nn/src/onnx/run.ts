/** One forward of a model, as the list of operations that it was made of. */
import { GradwireError, noGrad, step, Tensor, traceOperations, type TracedOperation } from '@gradwire/tensor';
import type { DType, TypedArray } from '@gradwire/tensor';
import type { Module } from '../module.ts';

/** A tensor of the run. */
export interface RunValue {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Index of an input, key of a parameter or buffer, or none: a constant or the result of a step. */
  readonly input: number | null;
  readonly key: string | null;
  readonly step: Step | null;
  /** The elements of what does not depend on an input; parameters and buffers keep theirs. */
  readonly data: TypedArray | null;
}

export interface Step {
  readonly name: string;
  /** Of the module that ran it. */
  readonly path: string;
  readonly inputs: readonly (RunValue | null)[];
  readonly outputs: readonly RunValue[];
  readonly settings: unknown;
}

export interface Run {
  readonly steps: readonly Step[];
  readonly inputs: readonly RunValue[];
  readonly outputs: readonly RunValue[];
}

/**
 * Runs model.forward(...args), in which `inputs` are the tensors that count as inputs. An operation made of others stands for
 * them if `isKnown`; else they stand for it.
 */
export function runOnce(
  model: Module,
  args: readonly unknown[],
  inputs: readonly Tensor[],
  isKnown: (name: string) => boolean,
): Run {
  const recorder = new Recorder(model, inputs, isKnown);
  const handles = model
    .namedModules()
    .flatMap(([path, module]) => [
      module.registerForwardPreHook(() => void recorder.paths.push(path)),
      module.registerForwardHook(() => void recorder.paths.pop()),
    ]);
  try {
    return step(() =>
      noGrad(() => {
        const forward = model as Module & { forward(...args: unknown[]): unknown };
        const output = traceOperations(recorder, () => forward.forward(...args));
        return {
          steps: recorder.steps,
          inputs: inputs.map((input) => recorder.valueOf(input)),
          outputs: tensorsIn(output).map((tensor) => recorder.valueOf(tensor)),
        };
      }),
    );
  } finally {
    for (const handle of handles) handle.remove();
  }
}

/** The tensors in a value: one alone, or in lists and objects, in their order. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return isContainer(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

/** The same lists and objects with other tensors in them. */
export function withTensors(value: unknown, replace: (tensor: Tensor) => Tensor): unknown {
  if (value instanceof Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((part) => withTensors(part, replace));
  if (!isContainer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withTensors(part, replace)]));
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

class Recorder {
  readonly steps: Step[] = [];
  readonly paths: string[] = [];
  readonly #values = new Map<Tensor, RunValue>();
  /** The tensors with values that share a memory. */
  readonly #sharing = new Map<Tensor, Tensor[]>();
  readonly #stale = new Set<Tensor>();
  readonly #isKnown: (name: string) => boolean;

  constructor(model: Module, inputs: readonly Tensor[], isKnown: (name: string) => boolean) {
    this.#isKnown = isKnown;
    for (const [key, tensor] of [...model.namedBuffers(), ...model.namedParameters()]) this.#put(tensor, { key });
    inputs.forEach((tensor, input) => this.#put(tensor, { input }));
  }

  ran({ name, inputs, outputs, settings }: TracedOperation): void {
    if (outputs.some((output) => inputs.includes(output))) return; // it had nothing to do
    if (!this.#isKnown(name) && outputs.every((output) => this.#values.get(output)?.step)) return;
    const given = inputs.map((input) => input && this.valueOf(input));
    const made: RunValue[] = [];
    const step: Step = { name, path: this.paths.at(-1) ?? '', inputs: given, outputs: made, settings };
    const isFixed = given.every((value) => value === null || !dependsOnInput(value));
    for (const output of outputs) made.push(this.#put(output, { step, data: isFixed ? output.data() : null }));
    this.steps.push(step);
  }

  /** A constant may still be written to: it is read where it is used. What else shares the memory has lost its value. */
  changed(x: Tensor): void {
    const owner = ownerOf(x);
    for (const tensor of this.#sharing.get(owner) ?? []) {
      const value = this.#values.get(tensor)!;
      if (value.key !== null) {
        throw new GradwireError('ERR_ONNX', `forward changes ${value.key} in place; a file has no state that changes`);
      }
      if (dependsOnInput(value)) this.#stale.add(tensor);
      this.#values.delete(tensor);
    }
    this.#sharing.delete(owner);
  }

  /** What is not known comes from outside of the model: a constant. */
  valueOf(tensor: Tensor): RunValue {
    if (this.#stale.has(tensor)) {
      throw new GradwireError(
        'ERR_ONNX',
        `a tensor [${tensor.shape.join(', ')}] is read after another view of its memory was changed in place, which a file cannot express; compute a new tensor instead`,
      );
    }
    return this.#values.get(tensor) ?? this.#put(tensor, { data: tensor.data() });
  }

  #put(tensor: Tensor, source: Partial<RunValue>): RunValue {
    const { shape, dtype } = tensor;
    const value: RunValue = { shape, dtype, input: null, key: null, step: null, data: null, ...source };
    if (!this.#values.has(tensor)) {
      const owner = ownerOf(tensor);
      this.#sharing.set(owner, [...(this.#sharing.get(owner) ?? []), tensor]);
    }
    this.#values.set(tensor, value);
    this.#stale.delete(tensor);
    return value;
  }
}

function dependsOnInput({ key, data }: RunValue): boolean {
  return key === null && data === null;
}

function ownerOf(tensor: Tensor): Tensor {
  let owner = tensor;
  while (owner.storage !== null) owner = owner.storage;
  return owner;
}
