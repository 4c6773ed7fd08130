import { contiguousStrides } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { block, openBlock } from './block.ts';
import { kernelsFor } from './dispatch.ts';

/** How a product meets what is in C: replaces it, is added to it, or is added to a bias row. */
export const OVERWRITE = 0;
export const ADD = 1;
export const FROM_BIAS = 2;

/** C = A·B for matrices of any strides; C is row-major. a: [m, k], b: [k, n], out: [m, n]; bias: [n] or null. */
export function gemm(out: Tensor, a: Tensor, b: Tensor, mode: number, bias: Tensor | null = null): void {
  a.checkAlive();
  b.checkAlive();
  const kernels = kernelsFor(out.dtype);
  const words = openBlock();
  bindMatrices(words, out, a, b, mode, bias);
  words[13] = 1;
  words[14] = words[15] = words[16] = 0;
  kernels.gemm(block);
}

/** The same for each matrix of a batch. a: [batch, m, k], b: [batch, k, n], out: [batch, m, n], row-major. */
export function batchedGemm(out: Tensor, a: Tensor, b: Tensor): void {
  a.checkAlive();
  b.checkAlive();
  const kernels = kernelsFor(out.dtype);
  const words = openBlock();
  bindMatrices(words, out, a, b, OVERWRITE, null);
  words[13] = out.shape[0];
  words[14] = a.strides ? a.strides[0] : a.shape[1] * a.shape[2];
  words[15] = b.strides ? b.strides[0] : b.shape[1] * b.shape[2];
  words[16] = out.shape[1] * out.shape[2];
  kernels.gemm(block);
}

function bindMatrices(words: Uint32Array, out: Tensor, a: Tensor, b: Tensor, mode: number, bias: Tensor | null): void {
  const row = a.shape.length - 2;
  const stridesA = a.strides ?? contiguousStrides(a.shape);
  const stridesB = b.strides ?? contiguousStrides(b.shape);
  words[0] = a.address;
  words[1] = b.address;
  words[2] = out.address;
  words[3] = a.shape[row];
  words[4] = b.shape[row + 1];
  words[5] = a.shape[row + 1];
  words[6] = stridesA[row];
  words[7] = stridesA[row + 1];
  words[8] = stridesB[row];
  words[9] = stridesB[row + 1];
  words[10] = words[4];
  words[11] = mode;
  words[12] = bias ? bias.address : 0;
}
