/**
 * What several runs of a model have in common. They differ in the values of the inputs and in the sizes of named axes: so
 * a constant that is not the same in all of them depends on what it must not depend on, and sizes are known as functions
 * of the axes.
 */
import { GradwireError, type DType, type TypedArray } from '@gradwire/tensor';
import type { Run, RunValue, Step } from './run.ts';
import { sizeFrom, type AxisSizes, type Size } from './sizes.ts';

export interface GraphValue {
  readonly dtype: DType;
  readonly shape: readonly Size[];
  readonly input: number | null;
  readonly key: string | null;
  /** The elements in each run of what no kept operation makes; null for the others. */
  readonly constants: readonly TypedArray[] | null;
}

export interface GraphOperation {
  readonly name: string;
  readonly path: string;
  readonly inputs: readonly (GraphValue | null)[];
  readonly outputs: readonly GraphValue[];
  /** In each run. */
  readonly settings: readonly unknown[];
}

export interface TracedGraph {
  readonly inputs: readonly GraphValue[];
  readonly operations: readonly GraphOperation[];
  readonly outputs: readonly GraphValue[];
  readonly axisSizes: readonly AxisSizes[];
}

/** Operations that only look at their input in another way: of a parameter they are kept, so that it stays one tensor. */
const VIEWS = new Set(['reshape', 'permute', 'expand', 'slice', 'same']);

/** Throws GradwireError ERR_ONNX where the runs took different ways. */
export function mergeRuns(runs: readonly Run[], axisSizes: readonly AxisSizes[]): TracedGraph {
  const steps = runs.map(({ steps, outputs }) => needed(steps, new Set(outputs)));
  steps[0].forEach((step, i) => {
    if (steps.some((other) => other[i]?.name !== step.name)) throw otherWay(step);
  });
  if (steps.some(({ length }) => length !== steps[0].length)) throw otherWay(steps[0].at(-1));

  const merged = new Map<RunValue, { readonly value: GraphValue; readonly of: readonly RunValue[] }>();
  const valueOf = (values: readonly RunValue[], path: string): GraphValue => {
    const known = merged.get(values[0]);
    if (known?.of.some((value, run) => value !== values[run])) throw otherWay({ path });
    const value = known?.value ?? mergeValue(values, axisSizes, path);
    merged.set(values[0], { value, of: values });
    return value;
  };
  const valuesOf = <T extends RunValue | null>(lists: readonly (readonly T[])[], path: string) =>
    lists[0].map(
      (value, i) =>
        value &&
        valueOf(
          lists.map((list) => list[i]!),
          path,
        ),
    );

  const inputs = valuesOf(runs.map((run) => run.inputs), '') as GraphValue[]; // prettier-ignore
  const operations = steps[0].map(({ name, path }, i): GraphOperation => {
    const same = steps.map((list) => list[i]);
    return {
      name,
      path,
      inputs: valuesOf(same.map((step) => step.inputs), path), // prettier-ignore
      outputs: valuesOf(same.map((step) => step.outputs), path) as GraphValue[], // prettier-ignore
      settings: same.map(({ settings }) => settings),
    };
  });
  const outputs = valuesOf(runs.map((run) => run.outputs), '') as GraphValue[]; // prettier-ignore
  return { inputs, operations: needed(operations, new Set(outputs)), outputs, axisSizes };
}

/** The steps that make one of the values, or what makes them; in their order. */
function needed<V extends RunValue | GraphValue, S extends { inputs: readonly (V | null)[]; outputs: readonly V[] }>(
  steps: readonly S[],
  values: Set<V>,
): S[] {
  const isMade = (value: V): boolean => values.has(value) && !('constants' in value && value.constants !== null);
  return steps
    .toReversed()
    .filter(({ inputs, outputs }) => {
      if (!outputs.some(isMade)) return false;
      for (const input of inputs) if (input !== null) values.add(input);
      return true;
    })
    .toReversed();
}

function mergeValue(values: readonly RunValue[], axisSizes: readonly AxisSizes[], path: string): GraphValue {
  const [{ dtype, shape, input, key, step }] = values;
  if (values.some((other) => other.shape.length !== shape.length || other.key !== key)) throw otherWay({ path });
  const sizes = shape.map((_, d) =>
    sizeFrom(
      values.map((value) => value.shape[d]),
      axisSizes,
    ),
  );
  const isConstant = values.every(({ data }) => data !== null) && (step === null || isFolded(values));
  const constants = isConstant ? values.map(({ data }) => data!) : null;
  return { dtype, shape: sizes, input, key, constants };
}

/** Whether a result is the same in all runs, and no view of a parameter. */
function isFolded(values: readonly RunValue[]): boolean {
  const [{ data, step }] = values;
  return !isViewOfState(step!) && values.every((other) => sameElements(other.data!, data!));
}

function isViewOfState({ name, inputs: [source] }: Step): boolean {
  if (!VIEWS.has(name) || !source) return false;
  return source.key !== null || (source.step !== null && isViewOfState(source.step));
}

export function sameElements(a: TypedArray, b: TypedArray): boolean {
  return a.length === b.length && a.every((element, i) => Object.is(element, b[i]));
}

function otherWay(step?: { readonly path: string }): GradwireError {
  return new GradwireError(
    'ERR_ONNX',
    `${at(step?.path ?? '')}forward runs other operations for other values or sizes of its inputs; a file holds one way only`,
  );
}

/** "encoder.layers.0: ", for messages. */
export function at(path: string): string {
  return path === '' ? '' : `${path}: `;
}
