/** Lets a function see, and replace, the gradients at the inputs and outputs of a call. */
import { cat, ShapeError, Tensor } from '@gradwire/tensor';

/** A gradient for each input or output; null where none flows. */
export type Gradients = readonly (Tensor | null)[];

/**
 * Calls `call`; in backward, `seen` gets the gradients of all inputs and outputs, once they are complete, and what it
 * returns goes on backwards instead of those of the inputs.
 */
export function callBetweenGates(
  call: (inputs: unknown[]) => unknown,
  inputs: unknown[],
  seen: (ofInputs: Gradients, ofOutputs: Gradients) => Gradients,
): unknown {
  let ofOutputs: Gradients | null = null;
  const entered = gate(inputs, (ofInputs) => {
    if (!ofOutputs) return ofInputs; // a second derivative, which does not pass the output
    const next = seen(ofInputs, ofOutputs);
    ofOutputs = null;
    return next;
  });
  const output = call(entered ?? inputs);
  const left = gate(Array.isArray(output) ? output : [output], (gradients) => {
    if (entered) ofOutputs = gradients;
    else seen(noGradients(inputs), gradients);
    return gradients;
  });
  if (!left) return output;
  return Array.isArray(output) ? left : left[0];
}

const noGradients = (values: readonly unknown[]): null[] => values.map(() => null);

/**
 * The same values, tensors as parts of one that passes all their gradients through `seen` together, so that none goes on
 * before the last has come; null if no gradient can flow through them.
 */
function gate(values: readonly unknown[], seen: (gradients: Gradients) => Gradients): unknown[] | null {
  const places = [...values.keys()].filter((i) => values[i] instanceof Tensor && values[i].requiresGrad);
  if (places.length === 0) return null;
  const tensors = places.map((i) => values[i] as Tensor);
  const joined = join(tensors);
  if (!joined.requiresGrad) return null; // nothing is recorded
  joined.registerHook((grad) => {
    const gradients = put(noGradients(values), places, split(grad, tensors));
    const next = seen(gradients);
    return next === gradients ? undefined : join(tensors.map((tensor, i) => checked(next[places[i]], tensor)));
  });
  return put(values, places, split(joined, tensors));
}

/** All elements as one row, which is a result of its own also of one tensor that is a row. */
function join(tensors: readonly Tensor[]): Tensor {
  const rows = tensors.map((tensor) => tensor.flatten().unsqueeze(0));
  return rows.length === 1 ? rows[0] : cat(rows, 1);
}

function split(row: Tensor, like: readonly Tensor[]): Tensor[] {
  let start = 0;
  return like.map(({ size, shape }) => {
    start += size;
    return row.narrow(1, start - size, size).reshape(shape);
  });
}

function put<T>(values: readonly T[], places: readonly number[], others: readonly T[]): T[] {
  const result = [...values];
  places.forEach((place, i) => (result[place] = others[i]));
  return result;
}

function checked(grad: Tensor | null | undefined, { shape }: Tensor): Tensor {
  if (grad && grad.shape.join() === shape.join()) return grad;
  const given = grad ? `[${grad.shape.join(', ')}]` : 'none';
  throw new ShapeError(`a backward hook must return a gradient [${shape.join(', ')}] for such an input, got ${given}`);
}
