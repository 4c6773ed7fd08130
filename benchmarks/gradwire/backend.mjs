import { kernelVariant } from '@gradwire/tensor';

/** What computes: `wasm`, or `reference` where GRADWIRE_KERNELS asks for it. */
export function backend() {
  return kernelVariant() === 'reference' ? 'reference' : 'wasm';
}
