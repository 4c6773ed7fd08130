/**
 * Flat memory for a model's parameters: all values in one block and all gradients in another, so that an optimizer
 * step is one kernel call, a bucket of gradients is a range, and threads share a model by two addresses.
 */
import { GradwireError, ShapeError } from './errors.ts';
import { copyInto } from './ops/accumulate.ts';
import { fill } from './ops/fill.ts';
import { free } from './heap/allocate.ts';
import { Tensor, type TensorHandle } from './tensor.ts';
import { noGrad } from './autograd.ts';

const ALIGNMENT = 16; // elements: parameters begin on a cache line

/** Where the flat memory lies, for another thread that has built the same model. */
export interface FlatHandle {
  readonly data: TensorHandle;
  readonly grad: TensorHandle;
}

const owners = new WeakMap<Tensor, FlatParameters>();

export class FlatParameters {
  readonly parameters: readonly Tensor[];
  /** First element of each parameter in `data` and `grad`; a last entry holds the whole length. */
  readonly offsets: readonly number[];
  readonly data: Tensor;
  readonly grad: Tensor;
  #segments = new WeakMap<Tensor, readonly Tensor[]>();

  private constructor(parameters: readonly Tensor[], offsets: readonly number[], data: Tensor, grad: Tensor) {
    this.parameters = parameters;
    this.offsets = offsets;
    this.data = data;
    this.grad = grad;
    for (const parameter of parameters) owners.set(parameter, this);
    this.#bindParameters();
  }

  /**
   * Moves the parameters (row-major float32 leaves, each once) into flat memory, values and gradients kept; the same
   * list again gives the same object. Throws GradwireError ERR_FLAT for others, before anything moves.
   */
  static of(parameters: readonly Tensor[]): FlatParameters {
    const known = parameters[0] && owners.get(parameters[0]);
    if (
      known &&
      known.parameters.length === parameters.length &&
      known.parameters.every((p, i) => p === parameters[i])
    ) {
      return known;
    }
    checkParameters(parameters);
    const offsets = layout(parameters);
    const size = offsets[offsets.length - 1];
    const data = fill(Tensor.emptyLongLived([size], 'float32', 'parameters'), 0);
    const grad = fill(Tensor.emptyLongLived([size], 'float32', 'gradients'), 0);
    noGrad(() => {
      for (const [i, parameter] of parameters.entries()) {
        copyInto(segment(data, offsets[i], parameter), parameter);
        if (parameter.scope === null) free(parameter.address);
      }
    });
    const own = parameters.map(({ gradBuffer, hasGrad }) => ({ gradBuffer, hasGrad }));
    const flat = new FlatParameters(parameters, offsets, data, grad);
    for (const [i, { gradBuffer, hasGrad }] of own.entries()) {
      if (hasGrad) parameters[i].grad = gradBuffer;
      gradBuffer?.[Symbol.dispose]();
    }
    return flat;
  }

  /** The flat memory that has just these parameters, in whatever order; moves them there, as `of`, if there is none. */
  static holding(parameters: readonly Tensor[]): FlatParameters {
    const known = parameters[0] && owners.get(parameters[0]);
    const isWhole = known?.parameters.length === new Set(parameters).size;
    return isWhole && parameters.every((p) => owners.get(p) === known) ? known! : FlatParameters.of(parameters);
  }

  /** Moves to flat memory of the same layout that another thread owns; the own values and memory are given up. */
  attach({ data, grad }: FlatHandle): void {
    const size = data.shape[0];
    if (size !== this.data.size || grad.shape[0] !== size) {
      throw new ShapeError(`FlatParameters: ${size} shared elements do not fit parameters of ${this.data.size}`);
    }
    free(this.data.address);
    free(this.grad.address);
    this.data.address = data.address;
    this.grad.address = grad.address;
    this.#segments = new WeakMap();
    this.#bindParameters();
  }

  handle(): FlatHandle {
    return { data: this.data.handle(), grad: this.grad.handle() };
  }

  /** Points every parameter's gradient into `grad`, [size of data]; there are no gradients then until the next backward. */
  bindGradients(grad: Tensor): void {
    let segments = this.#segments.get(grad);
    if (!segments) {
      segments = this.parameters.map((parameter, i) => segment(grad, this.offsets[i], parameter));
      this.#segments.set(grad, segments);
    }
    for (let i = 0; i < segments.length; i++) {
      this.parameters[i].gradBuffer = segments[i];
      this.parameters[i].hasGrad = false;
    }
  }

  #bindParameters(): void {
    for (const [i, parameter] of this.parameters.entries()) parameter.address = this.data.address + this.offsets[i] * 4;
    this.bindGradients(this.grad);
  }
}

function checkParameters(parameters: readonly Tensor[]): void {
  for (const [i, parameter] of parameters.entries()) {
    const { dtype, node, strides } = parameter;
    if (dtype !== 'float32' || node !== null || strides !== null) {
      const given = node !== null ? 'a result' : `${strides !== null ? 'a strided view, ' : ''}${dtype}`;
      throw new GradwireError(
        'ERR_FLAT',
        `FlatParameters: parameter ${i} must be a row-major float32 leaf, got ${given}`,
      );
    }
    if (owners.has(parameter)) {
      throw new GradwireError('ERR_FLAT', `FlatParameters: parameter ${i} is already part of another flat list`);
    }
  }
  if (new Set(parameters).size !== parameters.length) {
    throw new GradwireError('ERR_FLAT', 'FlatParameters: the list names a parameter twice; list each once');
  }
}

function layout(parameters: readonly Tensor[]): number[] {
  const offsets = [0];
  for (const [i, { size }] of parameters.entries()) {
    offsets.push(offsets[i] + Math.ceil(size / ALIGNMENT) * ALIGNMENT);
  }
  return offsets;
}

function segment(flat: Tensor, offset: number, { shape, size }: Tensor): Tensor {
  return new Tensor(flat.address + offset * 4, shape, null, 'float32', size, null);
}
