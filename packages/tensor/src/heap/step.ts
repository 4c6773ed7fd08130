import { GradwireError } from '../errors.ts';
import { Tensor } from '../tensor.ts';
import { heapOf, shiftOf, type TypedArray } from '../dtype.ts';
import { enterStep, leaveStep, scope, type StepMark } from './allocate.ts';
import { blockOf } from './made.ts';
import { Block } from './scope.ts';

/**
 * Runs `fn` as one step: the memory of every tensor that it makes is used again by the next step, so a training loop
 * leaks nothing and frees nothing by hand. A tensor (or array of tensors) that `fn` returns is moved out and lives on;
 * gradients of long-lived leaves live on too. Steps nest. `fn` must be synchronous.
 */
export function step<T>(fn: () => T): T {
  const mark = enterStep();
  let result: T;
  try {
    result = fn();
    if (result instanceof Promise) {
      throw new GradwireError(
        'ERR_ASYNC_STEP',
        'step: the function returned a promise; await before or after the step',
      );
    }
  } catch (error) {
    leaveStep(mark);
    throw error;
  }
  if (result instanceof Tensor) {
    const rescued = rescue(result, mark);
    leaveStep(mark);
    return revive(rescued) as T;
  }
  if (Array.isArray(result) && result.some((item) => item instanceof Tensor)) {
    const rescued = result.map((item) => (item instanceof Tensor ? rescue(item, mark) : item));
    leaveStep(mark);
    return rescued.map((item) => (item instanceof Rescued ? revive(item) : item)) as T;
  }
  leaveStep(mark);
  return result;
}

class Rescued {
  readonly tensor: Tensor;
  readonly data: TypedArray | null;

  constructor(tensor: Tensor, data: TypedArray | null) {
    this.tensor = tensor;
    this.data = data;
  }
}

function rescue(tensor: Tensor, { outer }: StepMark): Rescued {
  if (!isOfStep(tensor)) return new Rescued(tensor, null);
  const block = blockOf(tensor);
  if (outer === null || block === null || !fills(tensor, block)) return new Rescued(tensor, tensor.data());
  block.step = outer;
  outer.blocks.push(block);
  return new Rescued(new Tensor(block.address, tensor.shape, null, tensor.dtype, tensor.size, block), null);
}

/** Whether a living block holds hardly more than this tensor, row-major. */
function fills({ strides, address, nbytes }: Tensor, block: Block): boolean {
  return block.alive && strides === null && address === block.address && block.bytes - nbytes < 64;
}

/** Whether it was made in the innermost step. */
function isOfStep({ scope: owner }: Tensor): boolean {
  return owner !== null && (owner instanceof Block ? owner.step : owner) === scope;
}

function revive({ tensor, data }: Rescued): Tensor {
  if (data === null) return tensor; // of the outer step, or of none
  const copy = Tensor.empty(tensor.shape, tensor.dtype);
  heapOf(copy.dtype).set(data, copy.address >>> shiftOf(copy.dtype));
  return copy;
}
