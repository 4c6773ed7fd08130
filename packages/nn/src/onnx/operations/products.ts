import type { Translations } from '../call.ts';
import { plain } from './elementwise.ts';

export const products: Translations = {
  matmul: plain('MatMul'),
  batched: plain('MatMul'),
  linear: ({ inputs }, graph) => graph.add('Gemm', inputs, { transB: 1 }),
};
