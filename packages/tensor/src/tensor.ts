import type { GradientHooks } from './autograd/hooks.ts';
import type { Node } from './autograd.ts';
import { heapOf, newTypedArray, shiftOf, type DType, type TypedArray } from './dtype.ts';
import { AutogradError, DTypeError, MemoryError, ShapeError } from './errors.ts';
import { allocate, allocateBlock, allocateLongLived, free, LARGE_BYTES, scope } from './heap/allocate.ts';
import { watch } from './heap/made.ts';
import { Block, type Scope } from './heap/scope.ts';
import type { TensorMethods } from './methods.ts';
import { checkShape, contiguousStrides, sameShape, show, sizeOf, type Shape } from './shape.ts';

/** Numbers nested as deep as a tensor has dimensions. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** What another thread of the process needs to see the same tensor; can be posted as a message. */
export interface TensorHandle {
  readonly address: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * An array of numbers on the shared heap, of any number of dimensions, with an optional gradient. Operations are
 * methods with PyTorch's names in camelCase (methods.ts). Views (reshape, transpose, slice …) share memory.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- methods.ts attaches exactly this interface
export class Tensor {
  /** Byte address of the first element; moves only when a parameter joins a flat buffer. */
  address: number;
  readonly shape: Shape;
  /** Strides in elements, or null for row-major. */
  readonly strides: readonly number[] | null;
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  /** What owns the memory, the step or a block in it; null if it is long-lived. */
  readonly scope: Scope | Block | null;
  requiresGrad = false;
  /** How it was computed, where a gradient flows; null for leaves. */
  node: Node | null = null;
  /** Memory for the gradient of a leaf, kept between steps. */
  gradBuffer: Tensor | null = null;
  /** Whether gradBuffer holds a gradient now. */
  hasGrad = false;
  /** The tensor whose memory this one shares, if it was not the first; its `version` counts for all. */
  storage: Tensor | null = null;
  /** The tensor that this is a view of, made while recording. */
  base: Tensor | null = null;
  /** When the memory was last changed in place, on the clock of the tape. */
  version = 0;
  /** What sees the gradient of this leaf before it is added. */
  hooks: GradientHooks | null = null;
  /** Called with this leaf when backward has added the last contribution to its gradient. */
  gradHook: ((leaf: Tensor) => void) | null = null;
  /** Uses of this leaf that the running backward has not reached yet; kept only where there is a hook. */
  pendingUses = 0;

  constructor(
    address: number,
    shape: Shape,
    strides: readonly number[] | null,
    dtype: DType,
    size: number,
    owner: Scope | Block | null,
  ) {
    this.address = address;
    this.shape = shape;
    this.strides = strides;
    this.dtype = dtype;
    this.size = size;
    this.scope = owner;
  }

  /** A tensor whose elements are not set, in the current step or long-lived outside of steps. */
  static empty(shape: Shape, dtype: DType): Tensor {
    const size = sizeOf(shape);
    const bytes = size * 2 ** shiftOf(dtype);
    if (bytes >= LARGE_BYTES && scope !== null) {
      const block = allocateBlock(bytes, 'tensor');
      return new Tensor(block.address, shape, null, dtype, size, block);
    }
    const address = allocate(bytes, 'tensor');
    return new Tensor(address, shape, null, dtype, size, scope);
  }

  /** The same, but long-lived also inside a step. `label` names it in out-of-memory errors. */
  static emptyLongLived(shape: Shape, dtype: DType, label = 'tensor'): Tensor {
    const size = sizeOf(shape);
    return new Tensor(allocateLongLived(size * 2 ** shiftOf(dtype), label), shape, null, dtype, size, null);
  }

  /** Memory that another thread of this process owns, seen as a tensor; it must outlive the use here. */
  static fromHandle({ address, shape, dtype }: TensorHandle): Tensor {
    checkShape('Tensor.fromHandle', shape);
    return new Tensor(address, shape, null, dtype, sizeOf(shape), null);
  }

  /** Describes this long-lived, contiguous tensor to another thread. */
  handle(): TensorHandle {
    this.#checkShareable('handle');
    return { address: this.address, shape: this.shape, dtype: this.dtype };
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /** Bytes of its elements. */
  get nbytes(): number {
    return this.size * 2 ** shiftOf(this.dtype);
  }

  /** The gradient that backward has left on this leaf; null if there is none. Set it to null to drop it. */
  get grad(): Tensor | null {
    return this.hasGrad ? this.gradBuffer : null;
  }

  /** The values are copied. */
  set grad(gradient: Tensor | null) {
    if (gradient !== null && !sameShape(gradient.shape, this.shape)) {
      throw new ShapeError(`grad: a gradient ${show(gradient.shape)} does not fit a tensor ${show(this.shape)}`);
    }
    if (gradient !== null && gradient !== this.gradBuffer) {
      heapOf(this.dtype).set(gradient.data(), this.gradTarget().address >>> shiftOf(this.dtype));
    }
    this.hasGrad = gradient !== null;
  }

  /** Memory for the gradient of this leaf, made on first use; it lives as long as the leaf: in the same step, or long. */
  gradTarget(): Tensor {
    if (this.gradBuffer) {
      this.gradBuffer.checkAlive();
      return this.gradBuffer;
    }
    const watched = watch(false); // also where a rule asks for it
    this.gradBuffer =
      this.scope === null
        ? Tensor.emptyLongLived(this.shape, this.dtype, 'gradient')
        : Tensor.empty(this.shape, this.dtype);
    watch(watched);
    return this.gradBuffer;
  }

  /** Throws MemoryError if the step that made this tensor has ended, its memory was given back before, or it was disposed. */
  checkAlive(): void {
    if (this.scope !== null && !this.scope.alive) throw new MemoryError(whyDead(this, this.scope));
    if (this.address === 0) throw new MemoryError(`tensor ${show(this.shape)}: it was disposed; make a new one`);
  }

  /** Its elements in row-major order, copied out of the heap. */
  data(): TypedArray {
    this.checkAlive();
    const heap = heapOf(this.dtype);
    const start = this.address >>> shiftOf(this.dtype);
    if (this.strides === null) return heap.slice(start, start + this.size);
    const copy = newTypedArray(this.dtype, this.size);
    copyStrided(heap, start, this.shape, this.strides, copy);
    return copy;
  }

  /** A typed array on the heap itself: writing to it writes to the tensor. Long-lived, contiguous tensors only. */
  view(): TypedArray {
    this.#checkShareable('view');
    const start = this.address >>> shiftOf(this.dtype);
    return heapOf(this.dtype).subarray(start, start + this.size);
  }

  /** The bytes of `view()`. */
  bytes(): Uint8Array {
    const view = this.view();
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  /** The value of a tensor of one element. */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`item: a tensor of shape ${show(this.shape)} has ${this.size} elements, not one`);
    this.checkAlive();
    return heapOf(this.dtype)[this.address >>> shiftOf(this.dtype)];
  }

  /** Its elements as nested arrays; a number for a scalar. */
  toArray(): NestedNumbers {
    const data = this.data();
    let next = 0;
    const nest = (dim: number): NestedNumbers =>
      dim === this.rank ? data[next++] : Array.from({ length: this.shape[dim] }, () => nest(dim + 1));
    return nest(0);
  }

  /** Gives long-lived memory back; again is harmless. The tensor and its views must not be used afterwards. */
  [Symbol.dispose](): void {
    if (this.scope === null) free(this.address);
    this.address = 0;
    if (this.gradBuffer?.scope === null) free(this.gradBuffer.address);
    this.gradBuffer = null;
    this.hasGrad = false;
  }

  /** Marks a leaf for gradients, or stops it; returns itself. */
  requiresGrad_(requiresGrad = true): this {
    if (this.node) throw new AutogradError('requiresGrad_: only leaves can change; use detach() to cut a result off');
    if (requiresGrad && this.dtype !== 'float32' && this.dtype !== 'float64') {
      throw new DTypeError(`requiresGrad_: only float tensors have gradients, this one is ${this.dtype}`);
    }
    this.requiresGrad = requiresGrad;
    return this;
  }

  toString(): string {
    return `tensor(${JSON.stringify(this.toArray())}, ${this.dtype})`;
  }

  #checkShareable(where: string): void {
    if (this.scope !== null || this.strides !== null) {
      const what = this.strides !== null ? 'a strided view' : 'a tensor of a step';
      throw new MemoryError(`${where}: ${what} has no lasting memory of its own; call clone() outside of step first`);
    }
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see above
export interface Tensor extends TensorMethods {}

function whyDead({ shape }: Tensor, owner: Scope | Block): string {
  const early = owner instanceof Block && owner.step.alive;
  return early
    ? `tensor ${show(shape)}: it was made inside a layer or by backward, for use there only, and its memory was given back; clone() it there to keep it`
    : `tensor ${show(shape)}: the step that made it has ended; return it from the step to keep it`;
}

function copyStrided(from: TypedArray, start: number, shape: Shape, strides: readonly number[], to: TypedArray): void {
  const rowMajor = contiguousStrides(shape);
  for (let i = 0; i < to.length; i++) {
    let offset = start;
    for (let d = 0; d < shape.length; d++) offset += (Math.floor(i / rowMajor[d]) % shape[d]) * strides[d];
    to[i] = from[offset];
  }
}
