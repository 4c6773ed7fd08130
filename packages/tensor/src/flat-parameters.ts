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
  readonly #segments = new WeakMap<Tensor, readonly Tensor[]>();

  private constructor(parameters: readonly Tensor[], offsets: readonly number[], data: Tensor, grad: Tensor) {
    this.parameters = parameters;
    this.offsets = offsets;
    this.data = data;
    this.grad = grad;
    for (const [i, parameter] of parameters.entries()) {
      parameter.address = data.address + offsets[i] * 4;
      owners.set(parameter, this);
    }
    this.bindGradients(grad);
  }

  /** Moves the parameters (float32 leaves) into flat memory, values kept; the same list again gives the same object. */
  static of(parameters: readonly Tensor[]): FlatParameters {
    const known = parameters[0] && owners.get(parameters[0]);
    if (
      known &&
      known.parameters.length === parameters.length &&
      known.parameters.every((p, i) => p === parameters[i])
    ) {
      return known;
    }
    const offsets = layout(parameters);
    const size = offsets[offsets.length - 1];
    const data = fill(Tensor.emptyLongLived([size], 'float32', 'parameters'), 0);
    const grad = fill(Tensor.emptyLongLived([size], 'float32', 'gradients'), 0);
    noGrad(() => {
      for (const [i, parameter] of parameters.entries()) {
        if (owners.has(parameter)) {
          throw new GradwireError('ERR_FLAT', `FlatParameters: parameter ${i} is already part of another flat list`);
        }
        copyInto(segment(data, offsets[i], parameter), parameter);
        if (parameter.scope === null) free(parameter.address);
      }
    });
    return new FlatParameters(parameters, offsets, data, grad);
  }

  /** Binds parameters of the same shapes to flat memory that another thread owns; their own values and memory are dropped. */
  static attach(parameters: readonly Tensor[], handle: FlatHandle): FlatParameters {
    const offsets = layout(parameters);
    const [data, grad] = [Tensor.fromHandle(handle.data), Tensor.fromHandle(handle.grad)];
    if (data.size !== offsets[offsets.length - 1]) {
      throw new ShapeError(`FlatParameters: ${data.size} shared elements do not fit parameters of ${offsets.at(-1)}`);
    }
    for (const parameter of parameters) free(parameter.address);
    return new FlatParameters(parameters, offsets, data, grad);
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
}

function layout(parameters: readonly Tensor[]): number[] {
  const offsets = [0];
  for (const [i, { dtype, node, size }] of parameters.entries()) {
    if (dtype !== 'float32' || node !== null) {
      throw new GradwireError('ERR_FLAT', `FlatParameters: parameter ${i} must be a float32 leaf, got ${dtype}`);
    }
    offsets.push(offsets[i] + Math.ceil(size / ALIGNMENT) * ALIGNMENT);
  }
  return offsets;
}

function segment(flat: Tensor, offset: number, { shape, size }: Tensor): Tensor {
  return new Tensor(flat.address + offset * 4, shape, null, 'float32', size, null);
}
