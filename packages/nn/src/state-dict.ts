import { GradwireError, markChanged, type Tensor } from '@gradwire/tensor';

/** Tensors by their PyTorch key, in PyTorch's order. */
export type StateDict = Map<string, Tensor>;

/** Copies the values of `from` into the tensors of `to`, after all keys and shapes have been found to fit (ERR_STATE_DICT). */
export function copyState(from: ReadonlyMap<string, Tensor>, to: StateDict, strict: boolean): void {
  if (strict) checkKeys(from, to);
  for (const [key, { shape }] of to) {
    const value = from.get(key);
    if (value && value.shape.join() !== shape.join()) {
      throw bad(`"${key}" is [${shape.join(', ')}] here but [${value.shape.join(', ')}] in the state`);
    }
  }
  for (const [key, tensor] of to) {
    const value = from.get(key);
    if (!value) continue;
    tensor.view().set(value.to(tensor.dtype).data());
    markChanged(tensor);
  }
}

function checkKeys(from: ReadonlyMap<string, Tensor>, to: StateDict): void {
  const missing = [...to.keys()].filter((key) => !from.has(key));
  const unknown = [...from.keys()].filter((key) => !to.has(key));
  const faults = [
    ...(missing.length > 0 ? [`${missing.length} missing (${shorten(missing)})`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} unknown (${shorten(unknown)})`] : []),
  ];
  if (faults.length > 0) throw bad(faults.join('; '));
}

/** The first five names. */
export function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return `${shown.join(', ')}${names.length > 5 ? ', …' : ''}`;
}

function bad(what: string): GradwireError {
  return new GradwireError('ERR_STATE_DICT', `loadStateDict: ${what}`);
}
