import { record, type Node } from '../autograd.ts';
import { noted } from '../autograd/trace.ts';
import { readsFactors, readsInputs, readsNothing } from '../autograd/versions.ts';
import type { Tensor } from '../tensor.ts';
import { to } from './cast.ts';
import { applyBinary, applyBinaryInto, applyUnary, commonType, operand } from './elementwise.ts';
import { sumTo } from './sum-to.ts';
import { maskedBy } from './where.ts';

type Operand = Tensor | number;
type Gradients = (Tensor | null)[];

/** a + b, elementwise with broadcasting. */
export function add(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number' && a.dtype === 'float32')
    return noted(record(applyUnary('addScalar', a, b), sameGradient, [a]), 'addScalar', [a], b);
  const [x, y] = matched(a, b);
  return record(applyBinary('add', x, y), addGradient, [x, y]);
}
/** The same for operands of one shape and type, written to `out`: the memory of either, or another. */
export function addInto(out: Tensor, a: Tensor, b: Tensor): Tensor {
  return record(applyBinaryInto(out, 'add', a, b), addGradient, [a, b]);
}
function addGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  return [a.requiresGrad ? sumTo(grad, a.shape) : null, b.requiresGrad ? sumTo(grad, b.shape) : null];
}
function sameGradient(grad: Tensor): Gradients {
  return [grad];
}

/** a − b, elementwise with broadcasting. */
export function sub(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number' && a.dtype === 'float32')
    return noted(record(applyUnary('addScalar', a, -b), sameGradient, [a]), 'addScalar', [a], -b);
  const [x, y] = matched(a, b);
  return record(applyBinary('sub', x, y), subGradient, [x, y]);
}
function subGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  return [a.requiresGrad ? sumTo(grad, a.shape) : null, b.requiresGrad ? sumTo(neg(grad), b.shape) : null];
}

/** a · b, elementwise with broadcasting. */
export function mul(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number' && a.dtype === 'float32')
    return record(applyUnary('mulScalar', a, b), scaleGradient, [a], b);
  const [x, y] = matched(a, b);
  return record(applyBinary('mul', x, y), mulGradient, [x, y]);
}
function mulGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  return [a.requiresGrad ? sumTo(mul(grad, b), a.shape) : null, b.requiresGrad ? sumTo(mul(grad, a), b.shape) : null];
}
function scaleGradient(grad: Tensor, { saved }: Node): Gradients {
  return [mul(grad, saved as number)];
}

/** a / b, elementwise with broadcasting; integers divide to float32. */
export function div(a: Tensor, b: Operand): Tensor {
  const [x, y] = matched(a, b);
  if (x.dtype !== 'float32' && x.dtype !== 'float64') return div(to(x, 'float32'), to(y, 'float32'));
  return record(applyBinary('div', x, y), divGradient, [x, y]);
}
function divGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  const byA = div(grad, b); // d(a/b)/da = 1/b
  return [
    a.requiresGrad ? sumTo(byA, a.shape) : null,
    b.requiresGrad ? sumTo(neg(mul(byA, div(a, b))), b.shape) : null, // d(a/b)/db = −a/b²
  ];
}

/** aᵇ, elementwise; b is a number or a tensor that broadcasts. */
export function pow(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number') return record(applyUnary('powScalar', a, b), powScalarGradient, [a], b);
  const [x, y] = matched(a, b);
  const out = applyBinary('pow', x, y);
  return record(out, powGradient, [x, y]);
}
function powScalarGradient(grad: Tensor, { inputs: [a], saved }: Node): Gradients {
  const exponent = saved as number;
  if (exponent === 0) return [mul(grad, 0)];
  return [mul(mul(grad, pow(a, exponent - 1)), exponent)];
}
function powGradient(grad: Tensor, { inputs: [a, b], output }: Node): Gradients {
  const byA = a.requiresGrad ? maskedBy(b.ne(0), mul(mul(grad, b), pow(a, sub(b, 1)))) : null;
  const byB = b.requiresGrad ? maskedBy(a.ne(0), mul(mul(grad, output), a.log())) : null; // 0ᵇ has slope 0
  return [byA && sumTo(byA, a.shape), byB && sumTo(byB, b.shape)];
}

/** a − b·⌊a/b⌋, elementwise with broadcasting: what is left of a, with the sign of b. */
export function remainder(a: Tensor, b: Operand): Tensor {
  const [x, y] = matched(a, b);
  return record(applyBinary('remainder', x, y), remainderGradient, [x, y]);
}
function remainderGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  const byB = b.requiresGrad ? neg(mul(grad, applyUnary('floor', div(a.detach(), b.detach())))) : null;
  return [a.requiresGrad ? sumTo(grad, a.shape) : null, byB && sumTo(byB, b.shape)];
}

/** −x. */
export function neg(x: Tensor): Tensor {
  return record(applyUnary('neg', x), negGradient, [x]);
}
function negGradient(grad: Tensor): Gradients {
  return [neg(grad)];
}

/** The larger of a and b, elementwise; where they are equal each gets half of the gradient. */
export function maximum(a: Tensor, b: Operand): Tensor {
  const [x, y] = matched(a, b);
  return noted(record(applyBinary('maximum', x, y), extremeGradient, [x, y]), 'maximum', [x, y]);
}

/** The smaller of a and b, elementwise; where they are equal each gets half of the gradient. */
export function minimum(a: Tensor, b: Operand): Tensor {
  const [x, y] = matched(a, b);
  return noted(record(applyBinary('minimum', x, y), extremeGradient, [x, y]), 'minimum', [x, y]);
}
function extremeGradient(grad: Tensor, { inputs: [a, b], output }: Node): Gradients {
  const half = maskedBy(a.eq(b), mul(grad, -0.5)); // takes half away where both are chosen
  const share = (x: Tensor): Tensor => sumTo(add(maskedBy(x.eq(output), grad), half), x.shape);
  return [a.requiresGrad ? share(a) : null, b.requiresGrad ? share(b) : null];
}

/** a and b as tensors of their common type; bool counts as int32. */
function matched(a: Tensor, b: Operand): [Tensor, Tensor] {
  const y = operand(a, b);
  const common = commonType(a, y);
  const dtype = common === 'bool' ? 'int32' : common;
  return [to(a, dtype), to(y, dtype)];
}

readsNothing(addGradient, sameGradient, subGradient, scaleGradient, negGradient);
readsFactors(mulGradient);
readsInputs(divGradient, powScalarGradient);
