import { isFloat } from '../dtype.ts';
import { refreshView } from './rebase.ts';
import { AutogradError, DTypeError, ShapeError } from '../errors.ts';
import { onesLike } from '../ops/fill.ts';
import { sameShape, show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** dL/d(root), with which a pass begins: `gradient`, or 1 for a scalar. */
export function checkedSeed(where: string, root: Tensor, gradient: Tensor | null | undefined): Tensor {
  refreshView(root);
  if (!isFloat(root.dtype)) {
    throw new AutogradError(
      `${where}: this tensor is ${root.dtype}; comparisons, indices and conversions to whole numbers have no gradient`,
    );
  }
  if (!root.requiresGrad) {
    throw new AutogradError(`${where}: this tensor does not depend on any tensor with requiresGrad`);
  }
  if (gradient) {
    if (gradient.dtype !== root.dtype) {
      throw new DTypeError(`${where}: the gradient is ${gradient.dtype}, but the tensor is ${root.dtype}`);
    }
    if (sameShape(gradient.shape, root.shape)) return gradient;
    throw new ShapeError(`${where}: gradient ${show(gradient.shape)} must have the tensor's shape ${show(root.shape)}`);
  }
  if (root.size !== 1) {
    throw new AutogradError(`${where}: a tensor of shape ${show(root.shape)} is no scalar; pass its gradient`);
  }
  return onesLike(root);
}
