/** An operation of the traced graph as its translation sees it. */
import { GradwireError, type DType } from '@gradwire/tensor';
import type { GraphBuilder } from './graph-builder.ts';
import { sizeFrom, type AxisSizes, type Size } from './sizes.ts';
import { at, type GraphOperation, type GraphValue } from './traced-graph.ts';

/** Adds the nodes of an operation; returns the names of its results. */
export type Translation = (call: Call, graph: GraphBuilder) => string | readonly string[];

/** Translations by the names of operations. */
export type Translations = Readonly<Record<string, Translation>>;

export class Call {
  /** Names of the inputs in the graph; null for one that is not given. */
  readonly inputs: readonly (string | null)[];
  readonly #operation: GraphOperation;
  readonly #axisSizes: readonly AxisSizes[];

  constructor(operation: GraphOperation, inputs: readonly (string | null)[], axisSizes: readonly AxisSizes[]) {
    this.#operation = operation;
    this.inputs = inputs;
    this.#axisSizes = axisSizes;
  }

  /** Name of the first input. */
  get x(): string {
    return this.inputs[0]!;
  }

  /** Type of the first input. */
  get dtype(): DType {
    return this.given(0).dtype;
  }

  get rank(): number {
    return this.given(0).shape.length;
  }

  /** Shape of the first result. */
  get shape(): readonly Size[] {
    return this.#operation.outputs[0].shape;
  }

  get outputType(): DType {
    return this.#operation.outputs[0].dtype;
  }

  given(index: number): GraphValue {
    return this.#operation.inputs[index]!;
  }

  /** What the operation's settings say, which must not depend on the inputs or named axes. */
  fixed<S, T>(select: (settings: S) => T): T {
    const [value, ...others] = this.#operation.settings.map((settings) => select(settings as S));
    if (others.every((other) => JSON.stringify(other) === JSON.stringify(value))) return value;
    throw this.refusal(`its options depend on the sizes of the inputs`);
  }

  /** A size that its settings say, which may depend on named axes. */
  size<S>(select: (settings: S) => number): Size {
    const values = this.#operation.settings.map((settings) => select(settings as S));
    return sizeFrom(values, this.#axisSizes);
  }

  /** A size of the first input that has to be a number. */
  fixedSize(dim: number, index = 0): number {
    const size = this.given(index).shape.at(dim)!;
    if (typeof size === 'number') return size;
    throw this.refusal(`dimension ${dim} of its input must have a fixed size`);
  }

  refusal(why: string): GradwireError {
    return new GradwireError('ERR_ONNX', `${at(this.#operation.path)}${this.#operation.name}: ${why}`);
  }
}
