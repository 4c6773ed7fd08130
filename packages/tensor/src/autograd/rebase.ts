/**
 * What a change in place means for the graph. The tensor gets a new node, and the one it had stays below it (`replaced`),
 * where operations that used the old value find it by the ids. If it is a view, the change happens to the tensor it is a
 * view of: that one becomes "itself with a region overwritten", and the view that region of it; other views follow when
 * they are next used.
 */
import { Node, noGrad, record, type GradientRule } from '../autograd.ts';
import { shiftOf } from '../dtype.ts';
import { AutogradError } from '../errors.ts';
import { copyInto } from '../ops/accumulate.ts';
import { fill, scalar } from '../ops/fill.ts';
import { contiguous, viewOf } from '../ops/reshape.ts';
import { sumTo } from '../ops/sum-to.ts';
import { contiguousStrides, overlaps, show, type Shape } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { GradientHooks } from './hooks.ts';
import { readsNothing } from './versions.ts';

/** Part of a row-major tensor, as shape, strides and first element. */
interface Region {
  readonly whole: Shape;
  readonly shape: Shape;
  readonly strides: readonly number[] | null;
  readonly offset: number;
}

/** Notes that `value` (recorded) has been written over all of x. */
export function rebase(x: Tensor, value: Tensor): void {
  if (x.base === null) return take(x, overwrittenGradient, [value], null);
  const [base, region] = [x.base, regionOf(x, x.base)];
  take(base, regionOverwrittenGradient, [base, value], region);
  take(x, regionGradient, [base], region);
}

/** Follows the base of a view that was changed in place after the view was made. */
export function refreshView(x: Tensor): void {
  const { base, node } = x;
  if (base === null || base.node === null || (node !== null && node.id > base.node.id)) return;
  take(x, regionGradient, [base], regionOf(x, base));
}

function take(x: Tensor, rule: GradientRule, inputs: readonly Tensor[], saved: unknown): void {
  const node = new Node(rule, inputs, x, saved);
  node.replaced = x.node;
  if (x.node?.hooks?.retains) {
    x.node.hooks.retains = false;
    node.hooks = new GradientHooks();
    node.hooks.retains = true;
  }
  x.node = node;
  x.requiresGrad = true;
}

function overwrittenGradient(grad: Tensor): Tensor[] {
  return [grad];
}

function regionOverwrittenGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [outside(grad, saved as Region), partOf(grad, saved as Region)];
}

function regionGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [embedded(grad, saved as Region)];
}

/** The region of x, a view where x is row-major. */
function partOf(x: Tensor, region: Region): Tensor {
  const source = contiguous(x);
  return record(viewOf(source, region.shape, region.strides, region.offset), regionGradient, [source], region);
}

/** x with zeros in the region. */
function outside(x: Tensor, region: Region): Tensor {
  const out = Tensor.empty(region.whole, x.dtype);
  copyInto(out, x);
  copyInto(viewOf(out, region.shape, region.strides, region.offset), scalar(0, x.dtype));
  return record(out, outsideGradient, [x], region);
}
function outsideGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [outside(grad, saved as Region)];
}

/** Zeros with x in the region; where the region repeats an element, x is summed. */
function embedded(x: Tensor, region: Region): Tensor {
  const out = fill(Tensor.empty(region.whole, x.dtype), 0);
  const strides = region.strides ?? contiguousStrides(region.shape);
  const shape = once(region.shape, strides);
  copyInto(
    viewOf(out, shape, strides, region.offset),
    noGrad(() => sumTo(x, shape)),
  );
  return record(out, partGradient, [x], region);
}
function partGradient(grad: Tensor, { saved }: Node): Tensor[] {
  return [partOf(grad, saved as Region)];
}

/** The shape without the dimensions along which the same element is read again and again. */
function once(shape: Shape, strides: readonly number[]): number[] {
  return shape.map((size, d) => (strides[d] === 0 && size > 0 ? 1 : size));
}

function regionOf(x: Tensor, base: Tensor): Region {
  if (base.strides !== null) {
    throw new AutogradError(
      `a change in place: ${show(x.shape)} is a view of a strided tensor; change a clone() of it instead`,
    );
  }
  if (x.strides !== null && overlaps(once(x.shape, x.strides), x.strides)) {
    throw new AutogradError(
      `a change in place: a view ${show(x.shape)} of the changed tensor has windows that overlap; make it after the change`,
    );
  }
  const offset = (x.address - base.address) / 2 ** shiftOf(x.dtype);
  return { whole: base.shape, shape: x.shape, strides: x.strides, offset };
}

readsNothing(overwrittenGradient, regionOverwrittenGradient, regionGradient, partGradient, outsideGradient);
