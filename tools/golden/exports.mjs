import * as nn from '@gradwire/nn';
import * as tensorPackage from '@gradwire/tensor';

/** Thrown where a case asks for something that the packages do not have yet. */
export class NotYetSupported extends Error {}

/** The export `name` of @gradwire/nn. Throws NotYetSupported. */
export function fromNn(name) {
  if (typeof nn[name] !== 'function') throw new NotYetSupported(name);
  return nn[name];
}

/** The function `name` that @gradwire/nn exports, called with tensors and one options object; undefined if none. */
export function nnFunction(name) {
  return typeof nn[name] === 'function' ? nn[name] : undefined;
}

/** The operation `name`: an exported function of @gradwire/tensor, or else a method of Tensor. Throws NotYetSupported. */
export function operation(name) {
  if (typeof tensorPackage[name] === 'function') return tensorPackage[name];
  const method = tensorPackage.Tensor.prototype[name];
  if (typeof method !== 'function') throw new NotYetSupported(name);
  return (receiver, ...rest) => method.apply(receiver, rest);
}
