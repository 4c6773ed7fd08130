import { Tensor } from './tensor.ts';

/** The tensors in a value: itself, or those in lists and plain objects, in their order. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return isStructure(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

/** The same value with other tensors in the places of its own, in the same order. */
export function withTensors<T>(value: T, tensors: readonly Tensor[]): T {
  let next = 0;
  const replaced = (part: unknown): unknown => {
    if (part instanceof Tensor) return tensors[next++];
    if (!isStructure(part)) return part;
    if (Array.isArray(part)) return part.map(replaced);
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, replaced(inner)]));
  };
  return replaced(value) as T;
}

function isStructure(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
