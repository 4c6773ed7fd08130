/**
 * Operations that change a tensor in place, with PyTorch's trailing underscore. Each computes its value as the operation
 * without the underscore, writes it over the tensor, and tells the graph (autograd/rebase.ts); all return the tensor. A
 * view and the tensor it is a view of see each other's changes. Sums and ReLU, whose gradients do not read what is lost,
 * need no memory of their own where the tensor is row-major and no view.
 *
 * While gradients are recorded they throw AutogradError for a leaf that requires a gradient, and for views of one. They
 * throw ShapeError if elements of the tensor share memory, as after expand, or the value does not have its shape, and
 * DTypeError if a whole number would have to hold a fraction.
 */
import { isRecording, record, type Node } from '../autograd.ts';
import { rebase } from '../autograd/rebase.ts';
import { noted, tracer } from '../autograd/trace.ts';
import { markChanged, readsNothing, storageOf } from '../autograd/versions.ts';
import { isFloat } from '../dtype.ts';
import { AutogradError, DTypeError, ShapeError } from '../errors.ts';
import { broadcastShapes, overlaps, sameShape, show } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { copyInto } from './accumulate.ts';
import { relu, reluInto } from './activation.ts';
import { add, addInto, div, mul, sub } from './arithmetic.ts';
import { to } from './cast.ts';
import { scalar } from './fill.ts';
import { clamp } from './math.ts';
import { clone } from './reshape.ts';
import { sumTo } from './sum-to.ts';
import { maskedBy } from './where.ts';

/** x += y, elementwise; y broadcasts to x. */
export function add_(x: Tensor, y: Tensor | number): Tensor {
  if (y instanceof Tensor && isLike(x, y) && hasOwnMemory(x)) return overwrite('add_', x, (out) => addInto(out, x, y));
  return change('add_', x, () => add(x, y));
}

/** max(x, 0), elementwise. */
export function relu_(x: Tensor): Tensor {
  if (hasOwnMemory(x)) return overwrite('relu_', x, (out) => reluInto(out, x));
  return change('relu_', x, () => relu(x));
}

/** x −= y, elementwise; y broadcasts to x. */
export function sub_(x: Tensor, y: Tensor | number): Tensor {
  return change('sub_', x, () => sub(x, y));
}

/** x *= y, elementwise; y broadcasts to x. */
export function mul_(x: Tensor, y: Tensor | number): Tensor {
  return change('mul_', x, () => mul(kept(x), y));
}

/** x /= y, elementwise; y broadcasts to x. */
export function div_(x: Tensor, y: Tensor | number): Tensor {
  return change('div_', x, () => div(kept(x), y));
}

/** Limits x to [min, max]. */
export function clamp_(x: Tensor, min = -Infinity, max = Infinity): Tensor {
  return change('clamp_', x, () => clamp(kept(x), min, max));
}

/** 0 everywhere. */
export function zero_(x: Tensor): Tensor {
  return change('zero_', x, () => overwritten('zero_', x, scalar(0, x.dtype)));
}

/** `value` everywhere. */
export function fill_(x: Tensor, value: number): Tensor {
  const stored = x.dtype === 'bool' ? Number(value !== 0) : value;
  return change('fill_', x, () => overwritten('fill_', x, scalar(stored, x.dtype)));
}

/** The elements of `source`, which broadcasts to x and is converted to its type. */
export function copy_(x: Tensor, source: Tensor): Tensor {
  // Without a graph, what has other memory and the same shape need not be copied twice.
  const isPlain = !isRecording() && sameShape(x.shape, source.shape) && storageOf(x) !== storageOf(source);
  return change('copy_', x, () =>
    isPlain ? to(source, x.dtype).detach() : overwritten('copy_', x, to(source, x.dtype)),
  );
}

/** Whether y has the shape and type of x, a float, and none of its memory. */
function isLike(x: Tensor, y: Tensor): boolean {
  return isFloat(x.dtype) && y.dtype === x.dtype && sameShape(x.shape, y.shape) && storageOf(x) !== storageOf(y);
}

/** Whether all of the memory of x can simply be written to. A tracer wants to see the old value beside the new one. */
function hasOwnMemory({ strides, base }: Tensor): boolean {
  return strides === null && base === null && tracer === null;
}

/** Lets `compute` write over x; it must not read x afterwards. */
function overwrite(where: string, x: Tensor, compute: (out: Tensor) => Tensor): Tensor {
  checkChangeable(where, x);
  markChanged(x); // first, for the gradient may read the result
  const out = new Tensor(x.address, x.shape, null, x.dtype, x.size, x.scope);
  out.storage = storageOf(x);
  const value = compute(out);
  if (value.requiresGrad) rebase(x, value);
  return x;
}

function change(where: string, x: Tensor, valueOf: () => Tensor): Tensor {
  checkChangeable(where, x);
  const value = converted(where, valueOf(), x);
  if (!sameShape(value.shape, x.shape)) {
    throw new ShapeError(`${where}: the result ${show(value.shape)} does not fit into the tensor ${show(x.shape)}`);
  }
  copyInto(x, value);
  markChanged(x);
  if (value.requiresGrad) rebase(x, value);
  return noted(x, 'same', [value]);
}

function checkChangeable(where: string, x: Tensor): void {
  x.checkAlive();
  if (x.strides !== null && overlaps(x.shape, x.strides)) {
    throw new ShapeError(`${where}: elements of this view ${show(x.shape)} share memory; change a clone() of it`);
  }
  const owner = x.base ?? x;
  if (isRecording() && owner.requiresGrad && owner.node === null) {
    const what = owner === x ? 'a leaf' : 'a view of a leaf';
    throw new AutogradError(
      `${where}: ${show(x.shape)} is ${what} that requires a gradient; change it inside noGrad(() => …), or a clone() of it`,
    );
  }
}

/** x as it is now, for gradient rules that read it later. */
function kept(x: Tensor): Tensor {
  return isRecording() ? clone(x) : x;
}

function converted(where: string, value: Tensor, x: Tensor): Tensor {
  if (isFloat(value.dtype) && !isFloat(x.dtype)) {
    throw new DTypeError(`${where}: a ${x.dtype} tensor cannot hold the ${value.dtype} result; convert it first`);
  }
  return to(value, x.dtype);
}

/** What x is after `source` has been copied to it: nothing of x is left, so that its gradient is 0. */
function overwritten(where: string, x: Tensor, source: Tensor): Tensor {
  const shape = broadcastShapes(where, x.shape, source.shape);
  const value = Tensor.empty(shape, x.dtype);
  copyInto(value, source);
  return record(value, overwrittenGradient, [x, source]);
}
function overwrittenGradient(grad: Tensor, { inputs: [x, source] }: Node): (Tensor | null)[] {
  return [
    x.requiresGrad ? maskedBy(scalar(0, 'bool'), grad) : null,
    source.requiresGrad ? sumTo(grad, source.shape) : null,
  ];
}

readsNothing(overwrittenGradient);
