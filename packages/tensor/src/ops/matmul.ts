import { DELIVERED, leafTarget, record, type Node } from '../autograd.ts';
import { readsFactors } from '../autograd/versions.ts';
import { DTypeError, ShapeError } from '../errors.ts';
import { ADD, batchedGemm, gemm, OVERWRITE } from '../kernels/gemm.ts';
import { broadcastShapes, show, sizeOf } from '../shape.ts';
import { Tensor } from '../tensor.ts';
import { rowMajor } from './accumulate.ts';
import { fill } from './fill.ts';
import { expand, flatten, reshape, squeeze, transpose, unsqueeze, viewOf } from './reshape.ts';
import { sumTo } from './sum-to.ts';

type Gradients = (Tensor | null | typeof DELIVERED)[];

/**
 * Matrix product with NumPy's rules: [m, k]·[k, n] → [m, n]; leading dimensions are batches and broadcast; a vector is
 * a row on the left and a column on the right, without that dimension in the result. Throws ShapeError if the inner
 * sizes differ.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 0 || b.rank === 0) {
    throw new ShapeError(`matmul: needs vectors or matrices, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  if (a.dtype !== b.dtype)
    throw new DTypeError(`matmul: both tensors must have one dtype, got ${a.dtype} and ${b.dtype}`);
  if (a.rank === 1) return squeeze(matmul(unsqueeze(a, 0), b), -2 + Number(b.rank === 1));
  if (b.rank === 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  if (a.shape[a.rank - 1] !== b.shape[b.rank - 2]) {
    throw new ShapeError(
      `matmul: a ${show(a.shape)} has ${a.shape[a.rank - 1]} columns but b ${show(b.shape)} has ${b.shape[b.rank - 2]} rows`,
    );
  }
  if (a.rank === 2 && b.rank === 2) return record(product(a, b), matmulGradient, [a, b]);
  if (b.rank === 2) return reshape(matmul(flatten(a, 0, -2), b), [...a.shape.slice(0, -1), b.shape[1]]);
  return record(batched(a, b), batchedGradient, [a, b]);
}

/** Products of the matrices of two batches. a: [batch, m, k], b: [batch, k, n] → [batch, m, n]. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  if (a.rank !== 3 || b.rank !== 3 || a.shape[0] !== b.shape[0]) {
    throw new ShapeError(`bmm: needs two batches of as many matrices, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  return matmul(a, b);
}

/** x + a·b. x broadcasts to the product of the matrices a and b. */
export function addmm(x: Tensor, a: Tensor, b: Tensor): Tensor {
  return matmul(a, b).add(x);
}

/** All products of an element of a with one of b. a: [m], b: [n] → [m, n]. */
export function outer(a: Tensor, b: Tensor): Tensor {
  if (a.rank !== 1 || b.rank !== 1) {
    throw new ShapeError(`outer: needs two vectors, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  return unsqueeze(a, 1).mul(b);
}

/** Σ aᵢ·bᵢ of two vectors. */
export function dot(a: Tensor, b: Tensor): Tensor {
  if (a.rank !== 1 || b.rank !== 1) {
    throw new ShapeError(`dot: needs two vectors, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  return matmul(a, b);
}

/** dA = dC·Bᵀ, dB = Aᵀ·dC. */
function matmulGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  return [
    a.requiresGrad ? productInto(a, grad, transpose(b, 0, 1)) : null,
    b.requiresGrad ? productInto(b, transpose(a, 0, 1), grad) : null,
  ];
}
function batchedGradient(grad: Tensor, { inputs: [a, b] }: Node): Gradients {
  return [
    a.requiresGrad ? sumTo(matmul(grad, transpose(b, -1, -2)), a.shape) : null,
    b.requiresGrad ? sumTo(matmul(transpose(a, -1, -2), grad), b.shape) : null,
  ];
}

/** The product as the gradient of `input`: written straight into a leaf's gradient, or returned. */
export function productInto(input: Tensor, left: Tensor, right: Tensor): Tensor | typeof DELIVERED {
  const target = leafTarget(input);
  if (target === null) return matmul(left, right);
  gemm(target, left, right, input.hasGrad ? ADD : OVERWRITE);
  input.hasGrad = true;
  return DELIVERED;
}

/** a·b of two matrices, no gradient recorded. */
export function product(a: Tensor, b: Tensor): Tensor {
  const out = Tensor.empty([a.shape[0], b.shape[1]], a.dtype);
  if (out.size > 0) gemm(out, a, b, OVERWRITE);
  return out;
}

function batched(a: Tensor, b: Tensor): Tensor {
  const [m, n] = [a.shape[a.rank - 2], b.shape[b.rank - 1]];
  const batch = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const out = Tensor.empty([...batch, m, n], a.dtype);
  const count = sizeOf(batch);
  if (out.size === 0) return fill(out, 0);
  batchedGemm(viewOf(out, [count, m, n], null), asBatch(a, batch, count), asBatch(b, batch, count));
  return out;
}

/** x: [...anything that broadcasts to batch, r, c] → [count, r, c]; a view where one batch stride will do. */
function asBatch(x: Tensor, batch: readonly number[], count: number): Tensor {
  const [rows, columns] = x.shape.slice(-2);
  const detached = x.detach();
  const sameBatch = sizeOf(x.shape.slice(0, -2)) === count;
  if (x.strides === null && sameBatch) return viewOf(detached, [count, rows, columns], null);
  if (sameBatch && x.rank === 3) return detached;
  if (x.strides !== null && sameBatch && isOneBatchStride(x)) {
    return viewOf(detached, [count, rows, columns], [x.strides[x.rank - 3], ...x.strides.slice(-2)]);
  }
  return reshape(rowMajor(expand(detached, [...batch, rows, columns])), [count, rows, columns]);
}

/** Whether the leading dimensions of a strided tensor lie behind each other in memory. */
function isOneBatchStride({ shape, strides, rank }: Tensor): boolean {
  for (let d = 0; d < rank - 3; d++) if (strides![d] !== strides![d + 1] * shape[d + 1]) return false;
  return true;
}

readsFactors(matmulGradient, batchedGradient);
