import { Linear, ReLU, Sequential } from '@gradwire/nn';

/** Linear layers from size to size, with ReLU between. */
export function perceptron({ sizes }) {
  return new Sequential(...linears(sizes));
}

/** The same as a list of layers, for the end of another network. */
export function linears(sizes) {
  return sizes.slice(1).flatMap((size, i) => [...(i === 0 ? [] : [new ReLU()]), new Linear(sizes[i], size)]);
}
