/** Functions that see, and may replace, the gradient of a tensor during backward. */
import { AutogradError, ShapeError } from '../errors.ts';
import { pin } from '../heap/made.ts';
import { sameShape, show } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { refreshView } from './rebase.ts';
import { addToLeaf } from './leaf.ts';

/** Sees dL/d(tensor); a tensor that it returns takes its place. */
export type GradientHook = (grad: Tensor) => Tensor | void;

/** Takes a hook off again. */
export interface HookHandle {
  remove(): void;
}

/** The hooks of one tensor, in the order of registration. */
export class GradientHooks {
  readonly functions: GradientHook[] = [];
  /** Whether the result of an operation keeps its gradient, as a leaf does. */
  retains = false;

  /** The gradient after all hooks have seen it. */
  run(grad: Tensor, of: Tensor): Tensor {
    let current = grad;
    if (this.functions.length > 0) pin(grad);
    for (const hook of [...this.functions]) current = checked(hook(current) ?? current, of);
    if (this.retains) addToLeaf(of, current);
    return current;
  }
}

/**
 * Calls `hook` with the gradient of x, once it is complete, in each backward (or `grad`) that passes x; what the hook
 * returns replaces it for everything before x, and for `x.grad` of a leaf. A hook must not change its argument.
 */
export function registerHook(x: Tensor, hook: GradientHook): HookHandle {
  const { functions } = hooksOf(x, 'registerHook');
  functions.push(hook);
  return {
    remove() {
      const at = functions.indexOf(hook);
      if (at >= 0) functions.splice(at, 1);
    },
  };
}

/** Makes backward leave the gradient of a result in its `grad`, as it does for leaves. */
export function retainGrad(x: Tensor): void {
  const hooks = hooksOf(x, 'retainGrad');
  hooks.retains = x.node !== null;
}

function hooksOf(x: Tensor, where: string): GradientHooks {
  refreshView(x);
  if (!x.requiresGrad) {
    throw new AutogradError(`${where}: tensor ${show(x.shape)} requires no gradient, so it will get none`);
  }
  const owner = x.node ?? x;
  owner.hooks ??= new GradientHooks();
  return owner.hooks;
}

function checked(grad: Tensor, of: Tensor): Tensor {
  if (!sameShape(grad.shape, of.shape) || grad.dtype !== of.dtype) {
    const given = `${grad.dtype} ${show(grad.shape)}`;
    throw new ShapeError(`registerHook: a hook returned ${given} for a tensor that is ${of.dtype} ${show(of.shape)}`);
  }
  return grad;
}
