/** Nodes, constants and names of an ONNX graph as it grows. */
import { GradwireError, type DType, type TypedArray } from '@gradwire/tensor';
import type { Attribute, ElementType, GraphNode, Initializer } from './model-proto.ts';
import type { Size, Term } from './sizes.ts';
import { at } from './traced-graph.ts';

type Input = string | null;
type Attributes = Readonly<Record<string, Attribute>>;

export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  /** Those that a node reads become part of the file. */
  readonly initializers = new Map<string, Initializer>();
  /** The path of the module whose operations are being added. */
  path = '';
  readonly #taken = new Set<string>();
  /** Where the size of a named axis is read from. */
  readonly #axes: ReadonlyMap<string, readonly [input: string, dim: number]>;
  readonly #shared = new Map<string, string>();

  constructor(axes: ReadonlyMap<string, readonly [input: string, dim: number]>, reserved: readonly string[]) {
    this.#axes = axes;
    for (const name of reserved) this.#taken.add(name);
  }

  /** Adds a node with one output; returns its name. */
  add(type: string, inputs: readonly Input[], attributes: Attributes = {}): string {
    return this.addMany(type, inputs, 1, attributes)[0];
  }

  /** Adds a node with several outputs; returns their names. */
  addMany(type: string, inputs: readonly Input[], count: number, attributes: Attributes = {}): string[] {
    const name = this.#free(`${this.path === '' ? '' : `${this.path}/`}${type}`);
    const outputs = Array.from({ length: count }, (_, i) => (count === 1 ? name : `${name}:${i}`));
    const given = inputs.map((input) => input ?? '');
    while (given.at(-1) === '') given.pop();
    this.nodes.push({ name, type, inputs: given, outputs, attributes });
    return outputs;
  }

  /** Makes a value an output of the whole graph. */
  output(from: string, name: string): void {
    this.nodes.push({
      name: this.#free(`${name}/Identity`),
      type: 'Identity',
      inputs: [from],
      outputs: [name],
      attributes: {},
    });
  }

  /** A constant of the file; `name` is taken as it is if it is free. */
  constant(data: TypedArray | BigInt64Array, type: ElementType, shape: readonly number[], name = 'constant'): string {
    const free = this.#free(name);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.set(free, { name: free, type, shape, data: bytes });
    return free;
  }

  /** One number, of no dimensions. */
  scalar(value: number, type: DType): string {
    const array = {
      float32: Float32Array,
      float64: Float64Array,
      int32: Int32Array,
      uint8: Uint8Array,
      bool: Uint8Array,
    };
    return this.#once(`${type} ${value}`, () => this.constant(array[type].of(value), type, []));
  }

  /** Whole numbers as ONNX wants its sizes, axes and indices: [n] int64. */
  integers(values: readonly number[]): string {
    const make = (): string => this.constant(BigInt64Array.from(values, BigInt), 'int64', [values.length]);
    return this.#once(`int64 ${values.join()}`, make);
  }

  /** Sizes as one vector, which is computed where some follow from named axes. */
  sizes(sizes: readonly Size[]): string {
    if (sizes.every((size) => typeof size === 'number')) return this.integers(sizes);
    const parts = sizes.map((size) => this.size(size));
    return parts.length === 1 ? parts[0] : this.add('Concat', parts, { axis: 0 });
  }

  /** One size: [1] int64. */
  size(size: Size): string {
    if (typeof size === 'number') return this.integers([size]);
    if (size === null) {
      throw new GradwireError(
        'ERR_ONNX',
        `${at(this.path)}a size that is needed is no sum or product of the named axes; leave one out of dynamicAxes`,
      );
    }
    const terms = size.map((term) => this.#term(term));
    return terms.reduce((sum, term) => this.add('Add', [sum, term]));
  }

  /** x with another shape. */
  reshape(x: string, shape: readonly Size[]): string {
    const unknown = shape.filter((size) => typeof size !== 'number').length;
    const target =
      unknown === 1 && !shape.includes(0) ? shape.map((size) => (typeof size === 'number' ? size : -1)) : shape;
    return this.add('Reshape', [x, this.sizes(target)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  #term({ factor, axes }: Term): string {
    const sizes = axes.map((axis) => {
      const [input, dim] = this.#axes.get(axis)!;
      return this.#once(`axis ${axis}`, () => this.add('Shape', [input], { start: dim, end: dim + 1 }));
    });
    const factors = factor === 1 && sizes.length > 0 ? sizes : [...sizes, this.integers([factor])];
    return factors.reduce((product, size) => this.add('Mul', [product, size]));
  }

  #once(key: string, make: () => string): string {
    const name = this.#shared.get(key) ?? make();
    this.#shared.set(key, name);
    return name;
  }

  #free(name: string): string {
    let free = name;
    for (let i = 1; this.#taken.has(free); i++) free = `${name}_${i}`;
    this.#taken.add(free);
    return free;
  }
}
