import { record, type Node } from '../autograd.ts';
import { readsInputs } from '../autograd/versions.ts';
import { DTypeError } from '../errors.ts';
import { block } from '../kernels/block.ts';
import { kernelsFor } from '../kernels/dispatch.ts';
import { bindOperands } from '../kernels/operands.ts';
import { broadcastShapes } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { to } from './cast.ts';
import { commonType, operand } from './elementwise.ts';
import { scalar } from './fill.ts';
import { sumTo } from './sum-to.ts';

/** condition ? a : b, elementwise with broadcasting; condition: bool. */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  const like = a instanceof Tensor ? a : b instanceof Tensor ? b : scalar(a, 'float32');
  const [x, y] = [operand(like, a), operand(like, b)];
  const dtype = commonType(x, y);
  const inputs = [condition, to(x, dtype), to(y, dtype)];
  return record(select(condition, inputs[1], inputs[2]), whereGradient, inputs);
}
function whereGradient(grad: Tensor, { inputs: [condition, a, b] }: Node): (Tensor | null)[] {
  const zero = scalar(0, grad.dtype);
  return [
    null,
    a.requiresGrad ? sumTo(where(condition, grad, zero), a.shape) : null,
    b.requiresGrad ? sumTo(where(condition, zero, grad), b.shape) : null,
  ];
}

/** x with `value` where mask (bool) is true. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  return where(mask, value, x);
}

/** x where mask (bool) is true, 0 elsewhere, also where x is NaN or infinite. */
export function maskedBy(mask: Tensor, x: Tensor): Tensor {
  return where(mask, x, 0);
}

function select(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  if (condition.dtype !== 'bool') {
    throw new DTypeError(`where: the condition must be bool, got ${condition.dtype}; compare it first, as in x.gt(0)`);
  }
  const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', a.shape, b.shape));
  const out = Tensor.empty(shape, a.dtype);
  if (out.size === 0) return out;
  const kernels = kernelsFor(a.dtype);
  bindOperands(out, condition, a, b);
  kernels.where(block);
  return out;
}

readsInputs(whereGradient); // the condition
